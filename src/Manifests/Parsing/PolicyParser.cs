using System.Collections.Immutable;
using Vallum.Policies.Model;
using Api = Vallum.Contracts.Api.V1;

namespace Vallum.Manifests.Parsing;

internal static class PolicyParser
{
    private static readonly Api.PolicySpec Nothing = new();

    public static Parsed<Policy> Parse(Api.Policy message)
    {
        var violations = new ViolationList();
        var name = NameSyntax.Own(message.Name, ObjectType.Policy, violations);
        LabelsParser.Parse(message.Metadata, violations);
        var spec = message.Spec ?? Nothing;
        var path = FieldPath.Root.Field("spec");

        // Where the name is wrong its first part still tells whose policy is meant; all else is judged as that.
        var ofTenant = name is null ? message.Name.StartsWith("tenants/", StringComparison.Ordinal) : name.Tenant is not null;
        var tier = ofTenant ? TenantTier(spec, path, violations) : OperatorTier(spec, path, violations);
        if (spec.Description.Length > Limits.DescriptionCharacters)
        {
            violations.Add(path.Field("description"), Reasons.TooLong, $"{spec.Description.Length} characters; at most {Limits.DescriptionCharacters} are allowed");
        }

        var mode = Mode(spec.Mode, path.Field("mode"), violations);
        var revocation = RevocationOf(spec.Revocation, path.Field("revocation"), violations);
        var (subject, nodes) = SubjectParser.Parse(spec, ofTenant, path, violations);
        var directions = Directions(spec, path, violations);
        var (ingress, egress) = Rules(spec, tier, path, violations);
        return name is null || !violations.IsEmpty
            ? Parsed.Invalid<Policy>(violations.ToImmutable())
            : Parsed.Valid<Policy>(new Policy(
                new PolicyId(name.Tenant is { } tenant ? new TenantName(tenant) : null, name.Id),
                tier, spec.Priority, mode, revocation, subject, directions, ingress, egress)
            {
                Nodes = nodes,
            });
    }

    private static Tier TenantTier(Api.PolicySpec spec, FieldPath path, ViolationList violations)
    {
        if (spec.Tier is not (Api.Tier.Unspecified or Api.Tier.Tenant))
        {
            violations.Add(path.Field("tier"), Reasons.InvalidTier, $"{Text(spec.Tier)} is for the operator's policies (policies/{{policy}}): a tenant's policy is in the tier TENANT");
        }

        if (spec.Priority != 0)
        {
            violations.Add(path.Field("priority"), Reasons.PriorityNotAllowed, "policies of the tier TENANT have no order: leave priority out");
        }

        return Tier.Tenant;
    }

    private static Tier OperatorTier(Api.PolicySpec spec, FieldPath path, ViolationList violations)
    {
        if (spec.Priority is < 0 or > Limits.Priority)
        {
            violations.Add(path.Field("priority"), Reasons.InvalidPriority, $"{spec.Priority} is not within 0 to {Limits.Priority} (lower is read first)");
        }

        if (spec.Tier is not (Api.Tier.Admin or Api.Tier.Baseline))
        {
            violations.Add(path.Field("tier"), Reasons.InvalidTier, $"{Text(spec.Tier)}: an operator's policy is in the tier ADMIN or BASELINE; a tenant's is named tenants/{{tenant}}/policies/{{policy}}");
        }

        return spec.Tier == Api.Tier.Baseline ? Tier.Baseline : Tier.Admin;
    }

    private static string Text(Api.Tier tier) => tier switch
    {
        Api.Tier.Unspecified => "not given",
        Api.Tier.Admin => "ADMIN",
        Api.Tier.Tenant => "TENANT",
        Api.Tier.Baseline => "BASELINE",
        _ => $"{(int)tier} is not a tier",
    };

    private static PolicyMode Mode(Api.PolicyMode mode, FieldPath path, ViolationList violations)
    {
        if (mode is < Api.PolicyMode.Unspecified or > Api.PolicyMode.Staged)
        {
            violations.Add(path, Reasons.UnknownEnumValue, $"{(int)mode} is not a mode: ENFORCED or STAGED");
        }

        return mode == Api.PolicyMode.Staged ? PolicyMode.Staged : PolicyMode.Enforced;
    }

    private static Revocation RevocationOf(Api.Revocation revocation, FieldPath path, ViolationList violations)
    {
        if (revocation is < Api.Revocation.Unspecified or > Api.Revocation.Cut)
        {
            violations.Add(path, Reasons.UnknownEnumValue, $"{(int)revocation} is not a revocation: KEEP or CUT");
        }

        return revocation == Api.Revocation.Cut ? Revocation.Cut : Revocation.Keep;
    }

    /// <summary>Ingress before egress; rules of a direction that is not named are violations.</summary>
    private static ImmutableArray<Direction> Directions(Api.PolicySpec spec, FieldPath path, ViolationList violations)
    {
        var named = new SortedSet<Direction>();
        for (var i = 0; i < spec.Directions.Count; i++)
        {
            var at = path.Field("directions")[i];
            if (spec.Directions[i] is not (Api.Direction.Ingress or Api.Direction.Egress))
            {
                violations.Add(at, Reasons.UnknownEnumValue, $"{(int)spec.Directions[i]} is not a direction: INGRESS or EGRESS");
            }
            else if (!named.Add(spec.Directions[i] == Api.Direction.Ingress ? Direction.Ingress : Direction.Egress))
            {
                violations.Add(at, Reasons.DuplicateDirection, "is in the list already");
            }
        }

        if (spec.Directions.Count == 0)
        {
            violations.Add(path.Field("directions"), Reasons.DirectionsRequired, "says which directions the policy is about: at least one of INGRESS and EGRESS");
            return [];
        }

        if (spec.Ingress.Count > 0 && !named.Contains(Direction.Ingress))
        {
            violations.Add(path.Field("ingress"), Reasons.DirectionNotNamed, "there are ingress rules, and the policy is not about that direction: add INGRESS to directions");
        }

        if (spec.Egress.Count > 0 && !named.Contains(Direction.Egress))
        {
            violations.Add(path.Field("egress"), Reasons.DirectionNotNamed, "there are egress rules, and the policy is not about that direction: add EGRESS to directions");
        }

        return [.. named];
    }

    private static (ImmutableArray<Rule> Ingress, ImmutableArray<Rule> Egress) Rules(
        Api.PolicySpec spec, Tier tier, FieldPath path, ViolationList violations)
    {
        if (spec.Ingress.Count + spec.Egress.Count > Limits.Rules)
        {
            violations.AddTooMany(path, spec.Ingress.Count + spec.Egress.Count, Limits.Rules, "rules");
            return ([], []);
        }

        return (
            RuleParser.Parse(spec.Ingress, Direction.Ingress, tier, path.Field("ingress"), violations),
            RuleParser.Parse(spec.Egress, Direction.Egress, tier, path.Field("egress"), violations));
    }
}
