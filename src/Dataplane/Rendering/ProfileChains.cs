using System.Collections.Immutable;
using System.Globalization;
using Vallum.Dataplane.Kernel;
using Vallum.Dataplane.Model;
using Vallum.Primitives;

namespace Vallum.Dataplane.Rendering;

/// <summary>
/// The chains that judge one direction of all endpoints with the same list of policies. They are entered by goto from the dispatch, so RETURN leads
/// back to the hook chain and means "allowed in this direction"; a denial goes to <see cref="KernelNames.Deny"/>. The Admin tier stands first; where
/// one of its rules passes, the tiers behind it have a chain of their own to jump to.
/// </summary>
internal sealed class ProfileChains(
    IpFamily family, Direction direction, NodeState state, SetShelf shelf, RenderOptions options, IDictionary<string, ImmutableArray<string>> chains)
{
    // The prefix of an NFLOG message: 63 characters and a zero.
    private const int LongestLogPrefix = 63;

    private readonly string _letter = direction == Direction.Ingress ? "I" : "E";

    /// <summary>The chain that judges the profile's endpoints; null when every flow passes unjudged. Null name: deny all.</summary>
    public string? For(string? profileName)
    {
        if (profileName is null || !state.Profiles.TryGetValue(profileName, out var profile))
        {
            return KernelNames.Deny;
        }

        var policies = InForce(profile);
        var open = direction == Direction.Ingress ? profile.AllowsIngressByDefault : profile.AllowsEgressByDefault;
        if (policies.IsEmpty)
        {
            return open ? null : KernelNames.Deny;
        }

        if (policies.Any(p => !p.Staged && (p.Tier == Tier.Unknown || !state.Rules.ContainsKey(p.Rules))))
        {
            return KernelNames.Deny;
        }

        var named = UsedNames(profile, policies);
        var key = Key(policies, named, open);
        var name = KernelNames.Chain($"P{_letter}", key);
        if (!chains.ContainsKey(name))
        {
            Write(name, KernelNames.Chain($"Q{_letter}", key), policies, named, open);
        }

        return chains[name].IsEmpty ? null : name;
    }

    private void Write(string name, string rest, ImmutableArray<PolicyInForce> policies, ImmutableArray<NamedPort> named, bool open)
    {
        var conditions = new RuleConditions(family, direction, state, shelf, named);
        var admin = policies.Where(p => p.Tier == Tier.Admin).ToImmutableArray();
        var passes = admin.Any(p => !p.Staged && RulesOf(p).Any(r => r.Action == RuleAction.Pass && !conditions.IsClosed(r)));
        var first = admin.SelectMany(p => Rules(p, conditions, rest)).ToImmutableArray();
        var behind = Behind(policies, conditions, open);
        if (passes)
        {
            chains[name] = first.Add(RuleText.All.Goto(rest));
            chains[rest] = behind;
        }
        else
        {
            chains[name] = first.AddRange(behind);
        }
    }

    /// <summary>Tenant tier, and, where that does not isolate, Baseline and the default posture.</summary>
    private ImmutableArray<string> Behind(ImmutableArray<PolicyInForce> policies, RuleConditions conditions, bool open)
    {
        var rules = ImmutableArray.CreateBuilder<string>();
        var tenant = policies.Where(p => p.Tier == Tier.Tenant).ToImmutableArray();
        rules.AddRange(tenant.Where(p => p.Staged).SelectMany(p => Rules(p, conditions, null)));
        if (tenant.Any(p => !p.Staged))
        {
            rules.AddRange(tenant.Where(p => !p.Staged).SelectMany(p => Rules(p, conditions, null)));
            rules.Add(RuleText.All.Goto(KernelNames.Deny));
            return rules.ToImmutable();
        }

        var leave = open ? null : KernelNames.Deny;
        rules.AddRange(policies.Where(p => p.Tier == Tier.Baseline).SelectMany(p => Rules(p, conditions, leave)));
        if (!open)
        {
            rules.Add(RuleText.All.Goto(KernelNames.Deny));
        }

        return rules.ToImmutable();
    }

    /// <param name="pass">Where a Pass leads; null: out, allowed.</param>
    private IEnumerable<string> Rules(PolicyInForce policy, RuleConditions conditions, string? pass)
    {
        foreach (var rule in RulesOf(policy))
        {
            if (policy.Staged)
            {
                foreach (var condition in conditions.Of(rule))
                {
                    yield return condition.Count();
                }

                continue;
            }

            if (policy.Tier == Tier.Tenant && rule.Action != RuleAction.Allow)
            {
                // The Tenant tier knows Allow only, and what no rule of it allows is denied.
                continue;
            }

            if (conditions.IsClosed(rule))
            {
                yield return RuleText.All.Goto(KernelNames.Deny);
                yield break;
            }

            foreach (var condition in conditions.Of(rule))
            {
                if (rule.Log)
                {
                    yield return Log(condition, policy, rule);
                }

                yield return rule.Action switch
                {
                    RuleAction.Allow => condition.Return(),
                    RuleAction.Deny => condition.Goto(KernelNames.Deny),
                    _ => pass is null ? condition.Return() : condition.Goto(pass),
                };
            }
        }
    }

    private ImmutableArray<Rule> RulesOf(PolicyInForce policy) =>
        !state.Rules.TryGetValue(policy.Rules, out var rules) ? [] : direction == Direction.Ingress ? rules.Ingress : rules.Egress;

    private ImmutableArray<PolicyInForce> InForce(Profile profile) =>
    [
        .. profile.Policies
            .Where(p => p.Direction == direction || p.Direction == Direction.Unknown)
            .Select(p => p.Direction == Direction.Unknown ? p with { Tier = Tier.Unknown } : p)
            .OrderBy(p => p.Tier).ThenBy(p => p.Tier == Tier.Tenant ? 0 : p.Priority)
            .ThenBy(p => p.Policy, StringComparer.Ordinal).ThenBy(p => p.Rules, StringComparer.Ordinal).ThenBy(p => p.Staged),
    ];

    /// <summary>Only the names that a rule asks for: profiles that differ in other names share their chains.</summary>
    private ImmutableArray<NamedPort> UsedNames(Profile profile, ImmutableArray<PolicyInForce> policies)
    {
        var asked = policies.SelectMany(p => RulesOf(p)).SelectMany(r => r.Matches).SelectMany(m => m.Services).SelectMany(s => s.NamedPorts).ToHashSet();
        return
        [
            .. profile.NamedPorts.Where(n => asked.Contains(n.Name))
                .OrderBy(n => n.Name, StringComparer.Ordinal).ThenBy(n => n.Protocol).ThenBy(n => n.Port),
        ];
    }

    private static string Key(ImmutableArray<PolicyInForce> policies, ImmutableArray<NamedPort> named, bool open) => string.Join('\n', [
        open ? "open" : "closed",
        .. policies.Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.Tier} {p.Priority} {p.Policy} {p.Rules} {p.Staged}")),
        .. named.Select(n => string.Create(CultureInfo.InvariantCulture, $"{n.Name} {n.Protocol} {n.Port}"))]);

    private string Log(RuleText condition, PolicyInForce policy, Rule rule)
    {
        var words = $"{policy.Policy}/{rule.Name}";
        var prefix = new string([.. words.Take(LongestLogPrefix).Select(c => char.IsAsciiLetterOrDigit(c) || "/-._@".Contains(c) ? c : '_')]);

        // The slash makes iptables-save print quotes.
        return condition.And("-m limit --limit 10/sec --limit-burst 20")
            .Jump(string.Create(CultureInfo.InvariantCulture, $"NFLOG --nflog-prefix \"{prefix}\" --nflog-group {options.LogGroup ?? 9}"));
    }
}
