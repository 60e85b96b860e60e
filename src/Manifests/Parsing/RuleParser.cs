using System.Collections.Immutable;
using Vallum.Policies.Model;
using Api = Vallum.Contracts.Api.V1;

namespace Vallum.Manifests.Parsing;

/// <summary>The rules of one direction of a policy.</summary>
internal static class RuleParser
{
    public static ImmutableArray<Rule> Parse(
        IReadOnlyList<Api.Rule> messages, Direction direction, Tier tier, FieldPath path, ViolationList violations)
    {
        var rules = ImmutableArray.CreateBuilder<Rule>(messages.Count);
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < messages.Count; i++)
        {
            var name = Name(messages[i].Name, direction, i, path[i].Field("name"), violations);
            if (!names.Add(name))
            {
                violations.Add(path[i].Field("name"), Reasons.DuplicateRuleName, $"another rule of this direction is called {Quoted.Of(name)}");
            }

            rules.Add(Parse(messages[i], name, tier, path[i], violations));
        }

        return rules.MoveToImmutable();
    }

    /// <summary>Letters, digits and signs that mean nothing to a shell, a quote or a comment: the name is shown by other programs too.</summary>
    private static bool IsName(string name) =>
        name.Length <= Limits.RuleNameCharacters && name.All(c => c is >= ' ' and <= '~' and not ('"' or '\'' or '\\' or '`' or '$')) && name.Trim().Length == name.Length;

    private static string Name(string name, Direction direction, int index, FieldPath path, ViolationList violations)
    {
        if (name.Length == 0)
        {
            return direction == Direction.Ingress ? $"ingress-{index}" : $"egress-{index}";
        }

        if (!IsName(name))
        {
            violations.Add(path, Reasons.InvalidRuleName,
                $"{Quoted.Of(name)} is not the name of a rule: at most {Limits.RuleNameCharacters} printable ASCII characters but quotes, '\\' and '$', without spaces around it");
        }

        return name;
    }

    private static Rule Parse(Api.Rule message, string name, Tier tier, FieldPath path, ViolationList violations)
    {
        var action = Action(message.Action, tier, path.Field("action"), violations);
        if (message.Peers.Count == 0 && tier != Tier.Tenant)
        {
            violations.Add(path.Field("peers"), Reasons.PeersRequired, "in the tiers ADMIN and BASELINE a rule for everybody says so: write a peer 'any: {}'");
        }

        var peers = ImmutableArray.CreateBuilder<Peer>(message.Peers.Count);
        if (violations.Allows(path.Field("peers"), message.Peers.Count, Limits.Peers, "peers"))
        {
            for (var i = 0; i < message.Peers.Count; i++)
            {
                if (PeerParser.Parse(message.Peers[i], path.Field("peers")[i], violations) is { } peer)
                {
                    peers.Add(peer);
                }
            }
        }

        var services = ImmutableArray.CreateBuilder<Service>(message.Services.Count);
        if (violations.Allows(path.Field("services"), message.Services.Count, Limits.Services, "services"))
        {
            for (var i = 0; i < message.Services.Count; i++)
            {
                services.Add(ServiceParser.Parse(message.Services[i], path.Field("services")[i], violations));
            }
        }

        return new Rule(name, action, peers.ToImmutable(), services.ToImmutable(), message.Log);
    }

    private static RuleAction Action(Api.RuleAction action, Tier tier, FieldPath path, ViolationList violations)
    {
        switch (action)
        {
            case Api.RuleAction.Unspecified or Api.RuleAction.Allow:
                return RuleAction.Allow;
            case Api.RuleAction.Deny or Api.RuleAction.Pass when tier == Tier.Tenant:
                violations.Add(path, Reasons.ActionNotAllowed, "in the tier TENANT rules allow only: what no rule allows is denied to whom a policy selects");
                return RuleAction.Allow;
            case Api.RuleAction.Deny:
                return RuleAction.Deny;
            case Api.RuleAction.Pass:
                return RuleAction.Pass;
            default:
                violations.Add(path, Reasons.UnknownEnumValue, $"{(int)action} is not an action: ALLOW, DENY or PASS");
                return RuleAction.Allow;
        }
    }
}
