using System.Collections.Immutable;
using Vallum.Policies.Model;
using Vallum.Policies.Resources;

namespace Vallum.Policies.Compilation;

/// <summary>
/// Compiles the objects of one tenant into resources, and each change of the objects into the difference that it makes. Laws: the resources
/// depend on the objects alone, never on the path that led to them; the work for a change depends on what it touches, never on how much
/// there is. Not safe for concurrent use.
/// </summary>
public sealed class TenantCompiler
{
    private readonly DeltaBook _book = new();
    private readonly QueryTable _queries = new();
    private readonly PartTable _parts;
    private readonly RulesTable _rules;
    private readonly PolicyTable _policies;
    private readonly IdentityTable _identities;
    private readonly EndpointTable _endpoints;
    private Tenant _tenant;

    public TenantCompiler(TenantName tenant)
    {
        var addresses = new AddressTable();
        _tenant = new Tenant(tenant, LabelSet.Empty);
        _parts = new PartTable(_queries, addresses, _book);
        _rules = new RulesTable(_parts, _book);
        _policies = new PolicyTable(_queries, _rules, _book);
        _identities = new IdentityTable(_queries, _rules, _book);
        _endpoints = new EndpointTable(_identities, addresses, _book);
    }

    public TenantName Tenant => _tenant.Name;

    /// <summary>All endpoints, those included that no node enforces.</summary>
    public int EndpointCount => _endpoints.Count;

    /// <summary>The nodes that have a binding.</summary>
    public IEnumerable<NodeName> Nodes => _endpoints.Bindings.Keys;

    /// <summary>How often a selector was held against a label set since the compiler was made: the measure of its work.</summary>
    internal long SelectorEvaluations => _queries.Evaluations + _identities.Evaluations;

    /// <summary>
    /// Takes in all inputs, in order, and answers the net difference that they make together: one delta per resource that is not as it was
    /// before, and nothing for what came and went.
    /// </summary>
    /// <exception cref="ArgumentException">An input belongs to another tenant. Nothing was taken in.</exception>
    public ImmutableArray<ResourceDelta> Apply(IEnumerable<TenantInput> inputs)
    {
        ImmutableArray<TenantInput> batch = [.. inputs];
        if (batch.FirstOrDefault(i => OwnerOf(i) is { } owner && owner != Tenant) is { } stray)
        {
            throw new ArgumentException($"{stray} was given to the compiler of tenant {Tenant}.", nameof(inputs));
        }

        foreach (var input in batch)
        {
            TakeIn(input);
        }

        Sweep();
        return _book.Close();
    }

    /// <summary>
    /// Every resource as it is now, each as the delta that makes it from nothing. Not to be continued after the next <see cref="Apply"/>.
    /// </summary>
    public IEnumerable<ResourceDelta> Snapshot() => Resources.Select(r => r.Whole());

    /// <summary>One resource as it is now, as the delta that makes it from nothing; null when there is none.</summary>
    public ResourceDelta? Find(ResourceKey key)
    {
        CompiledResource? resource = key.Kind switch
        {
            ResourceKind.Binding => _endpoints.Bindings.GetValueOrDefault(new NodeName(key.Name)),
            ResourceKind.Profile => _identities.Find(new ProfileId(key.Name)),
            ResourceKind.PolicyRules => _rules.Find(new PolicyRulesId(key.Name)),
            ResourceKind.GroupPart => _parts.Find(new GroupPartId(key.Name)),
            _ => throw new ArgumentException($"{key.Kind} is no kind of resource.", nameof(key)),
        };
        return resource?.Whole();
    }

    /// <summary>The nodes of the tenant's bound endpoints that the policy selects; empty for a policy that is not known.</summary>
    public IReadOnlySet<NodeName> SpanOf(PolicyId policy) =>
        ProfilesSelectedBy(policy).SelectMany(p => p.Nodes.Keys).ToHashSet();

    /// <summary>The profiles that hold the policy.</summary>
    public IEnumerable<ProfileId> ProfilesOf(PolicyId policy) => ProfilesSelectedBy(policy).Select(p => p.Id);

    /// <summary>The policies that select an endpoint, sorted; empty for hostNetwork and for an endpoint that is not known.</summary>
    public ImmutableArray<PolicyId> PoliciesOf(string endpoint) =>
        [.. (_endpoints.Find(endpoint)?.Traits?.Policies ?? []).Select(p => p.Value.Id).Order()];

    private IEnumerable<CompiledResource> Resources =>
        Enumerable.Empty<CompiledResource>()
            .Concat(_endpoints.Bindings.Values)
            .Concat(_identities.Profiles)
            .Concat(_rules.All)
            .Concat(_parts.All);

    private static TenantName? OwnerOf(TenantInput input) => input switch
    {
        TenantInput.PutTenant(var tenant) => tenant.Name,
        TenantInput.PutSegment(var segment) => segment.Tenant,
        TenantInput.PutEndpoint(var endpoint) => endpoint.Id.Tenant,
        TenantInput.PutPolicy(var policy) => policy.Id.Tenant,
        TenantInput.RemovePolicy(var policy) => policy.Tenant,
        _ => null,
    };

    private void TakeIn(TenantInput input)
    {
        switch (input)
        {
            case TenantInput.PutTenant(var tenant):
                Put(tenant);
                break;
            case TenantInput.PutSegment(var segment):
                _endpoints.PlaceAnew(_identities.PutSegment(segment.Name, segment.Picks), _tenant);
                break;
            case TenantInput.RemoveSegment(var segment):
                _endpoints.PlaceAnew(_identities.PutSegment(segment, null), _tenant);
                break;
            case TenantInput.PutEndpoint(var endpoint):
                _endpoints.Put(endpoint, _tenant);
                break;
            case TenantInput.RemoveEndpoint(var endpoint):
                _endpoints.Remove(endpoint);
                break;
            case TenantInput.PutPolicy(var policy):
                _policies.Put(policy, _tenant);
                break;
            case TenantInput.RemovePolicy(var policy):
                _policies.Remove(policy);
                break;
            case TenantInput.WantPart(var part):
                _parts.Want(part);
                break;
            case TenantInput.UnwantPart(var part):
                _parts.Unwant(part);
                break;
            default:
                throw new InvalidOperationException($"unknown input {input}");
        }
    }

    private void Put(Tenant tenant)
    {
        var before = _tenant;
        _tenant = tenant;
        if (!before.Labels.Equals(tenant.Labels))
        {
            _policies.Relabelled(tenant);
            _rules.Relabelled(tenant);
        }

        if (before.DefaultIngress != tenant.DefaultIngress || before.DefaultEgress != tenant.DefaultEgress)
        {
            _identities.PosturesChanged(tenant);
        }
    }

    /// <summary>Ends what the batch has left without use, users before what they use.</summary>
    private void Sweep()
    {
        _endpoints.Sweep();
        _identities.SweepProfiles();
        _rules.Sweep();
        _parts.Sweep();
        _queries.Sweep();
        _identities.SweepTraits();
    }

    private IEnumerable<Profile> ProfilesSelectedBy(PolicyId policy) =>
        _policies.Find(policy)?.Selects.SelectMany(t => t.Profiles) ?? [];
}
