using System.Collections.Immutable;
using Vallum.Dataplane.Kernel;
using Vallum.Dataplane.Model;

namespace Vallum.Dataplane.Rendering;

/// <summary>
/// The chains that judge one direction of the endpoints of one class of profiles, with their sets. They are entered by goto from the dispatch, so RETURN
/// leads back to the hook chain and means "allowed in this direction"; a denial goes to <see cref="KernelNames.Deny"/>. The Admin tier stands first;
/// where one of its rules passes, the tiers behind it have a chain of their own to go to.
/// </summary>
internal sealed class ProfileChain
{
    private readonly ChainFrame _frame;
    private readonly ImmutableArray<NamedPort> _named;
    private readonly OrderedTier _admin;
    private readonly OrderedTier _staged;
    private readonly TenantRun _tenant;
    private readonly OrderedTier _baseline;

    private ProfileChain(
        ChainFrame frame,
        PolicyList policies,
        ImmutableArray<NamedPort> named,
        OrderedTier admin,
        OrderedTier staged,
        TenantRun tenant,
        OrderedTier baseline,
        ProfileChain? before)
    {
        (_frame, Policies, _named, _admin, _staged, _tenant, _baseline) = (frame, policies, named, admin, staged, tenant, baseline);
        Chains = before is not null && IsWrittenAs(before) ? before.Chains : Write();
        Target = !Chains.IsEmpty ? frame.Name : IsClosed || (policies.Count == 0 && !policies.IsOpen) ? KernelNames.Deny : null;
    }

    public PolicyList Policies { get; }

    /// <summary>The chain that the dispatch leads to; null when every flow passes unjudged.</summary>
    public string? Target { get; }

    /// <summary>The same array as before where only members changed.</summary>
    public ImmutableArray<RenderedChain> Chains { get; }

    public ImmutableArray<PersistentDictionary<string, KernelSet>> Sets => IsClosed ? [] : IsIsolated ? [_admin.Sets, _tenant.Sets] : [_admin.Sets, _baseline.Sets];

    public IEnumerable<SharedSet> Uses => IsClosed ? [] : [.. _admin.Uses, .. _staged.Uses, .. IsIsolated ? _tenant.Uses : _baseline.Uses];

    private bool IsClosed => Policies.Closing > 0;

    private bool IsIsolated => Policies.Isolating > 0;

    public static ProfileChain Of(
        ChainFrame frame, PolicyList policies, IReadOnlyCollection<PolicyChange> changes, ImmutableArray<NamedPort> named, NodeState state) =>
        new ProfileChain(frame, policies, named, OrderedTier.Empty, OrderedTier.Empty, TenantRun.Empty, OrderedTier.Empty, null)
            .Next(policies, changes, state, state, []);

    /// <summary>False: it is written by other words than these, and must be written anew.</summary>
    public bool IsReadAs(PolicyList policies, ImmutableArray<NamedPort> named) => policies.IsOpen == Policies.IsOpen && named.SequenceEqual(_named);

    public bool Asks(string group) => _admin.Asks(group) || _tenant.Asks(group) || _baseline.Asks(group);

    /// <param name="groups">The groups whose members differ between the two states.</param>
    public ProfileChain Next(
        PolicyList policies, IReadOnlyCollection<PolicyChange> changes, NodeState before, NodeState after, IReadOnlyCollection<string> groups)
    {
        var was = new PolicyReading(_frame.Family, _frame.Direction, before, _named);
        var now = new PolicyReading(_frame.Family, _frame.Direction, after, _named);
        return new ProfileChain(
            _frame,
            policies,
            _named,
            _admin.Next(_frame, Of(Tier.Admin), was, now, groups, _frame.Rest),
            _staged.Next(_frame, Of(Tier.Tenant, staged: true), was, now, groups, null),
            _tenant.Next(_frame, Of(Tier.Tenant, staged: false), was, now, groups, () => policies.Isolated(after)),
            _baseline.Next(_frame, Of(Tier.Baseline), was, now, groups, policies.IsOpen ? null : KernelNames.Deny),
            this);

        PolicyChange[] Of(Tier tier, bool? staged = null) => [.. changes.Where(c => c.Policy.Tier == tier && (staged is null || c.Policy.Staged == staged))];
    }

    private bool IsWrittenAs(ProfileChain other) =>
        IsClosed == other.IsClosed && IsIsolated == other.IsIsolated && (Policies.Count == 0) == (other.Policies.Count == 0) &&
        _admin.Lines == other._admin.Lines && _staged.Lines == other._staged.Lines && _tenant.Lines == other._tenant.Lines &&
        _baseline.Lines == other._baseline.Lines && _admin.Chains == other._admin.Chains && _tenant.Chains == other._tenant.Chains &&
        _baseline.Chains == other._baseline.Chains;

    private ImmutableArray<RenderedChain> Write()
    {
        if (IsClosed || Policies.Count == 0)
        {
            return [];
        }

        var behind = _staged.Lines.AddRange(IsIsolated ? _tenant.Lines : _baseline.Lines);
        if (IsIsolated || !Policies.IsOpen)
        {
            var origin = IsIsolated ? _frame.Nobody(RuleOrigin.Isolation, Tier.Tenant) : _frame.Nobody(RuleOrigin.Posture, Tier.Baseline);
            behind = behind.Add(new RuleLine(RuleText.All.Goto(KernelNames.Deny), origin));
        }

        var first = _admin.Passes ? _admin.Lines.Add(new RuleLine(RuleText.All.Goto(_frame.Rest))) : _admin.Lines.AddRange(behind);
        return first.IsEmpty ? [] :
        [
            RenderedChain.Of(_frame.Name, first),
            .. _admin.Passes ? [RenderedChain.Of(_frame.Rest, behind)] : ImmutableArray<RenderedChain>.Empty,
            .. _admin.Chains,
            .. IsIsolated ? _tenant.Chains : _baseline.Chains,
        ];
    }
}
