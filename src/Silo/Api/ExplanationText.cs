using Vallum.Contracts.Api.V1;
using Vallum.Policies.Evaluation;
using Reason = Vallum.Contracts.Api.V1.DirectionVerdict.Types.Reason;

namespace Vallum.Silo.Api;

/// <summary>An explanation as the API tells it.</summary>
internal static class ExplanationText
{
    public static ExplainFlowResponse Of(Explanation explanation) => new()
    {
        Allowed = explanation.Verdict.Allowed,
        SourceAddress = explanation.Verdict.Flow.Source.ToString(),
        DestinationAddress = explanation.Verdict.Flow.Destination.ToString(),
        Egress = Of(explanation.Verdict.Egress, explanation.Egress),
        Ingress = Of(explanation.Verdict.Ingress, explanation.Ingress),
    };

    private static Contracts.Api.V1.DirectionVerdict Of(
        Policies.Evaluation.DirectionVerdict verdict, IEnumerable<Policies.Evaluation.ConsideredPolicy> considered)
    {
        var message = new Contracts.Api.V1.DirectionVerdict
        {
            Allowed = verdict.Allowed,
            Summary = verdict.Decision.ToString(),
            Reason = ReasonOf(verdict.Decision),
            // What a staged policy would do is told apart from what decides.
            Considered = { considered.Where(c => verdict.Staged.All(s => s.Policy != c.Policy)).Select(Of) },
            Staged = { verdict.Staged.Select(Of) },
        };
        if (verdict.Decision is Decision.ByRule rule)
        {
            message.Policy = rule.Policy.ToString();
            message.Tier = Of(rule.Tier);
            message.Rule = rule.Rule.Name;
        }

        return message;
    }

    private static Contracts.Api.V1.ConsideredPolicy Of(Policies.Evaluation.ConsideredPolicy considered) => new()
    {
        Policy = considered.Policy.ToString(),
        Tier = Of(considered.Tier),
        InForce = considered.Finding.InForce,
        Outcome = considered.Finding.Rule?.Action.ToString().ToUpperInvariant() ?? "NO_MATCH",
        Detail = considered.Finding switch
        {
            Finding.NoRuleMatches { Missed.IsEmpty: false } missed => string.Join("; ", missed.Missed),
            var finding => finding.ToString(),
        },
    };

    private static Contracts.Api.V1.ConsideredPolicy Of(StagedPolicy staged) => new()
    {
        Policy = staged.Policy.ToString(),
        Tier = Of(staged.Tier),
        Outcome = staged.WouldHave?.ToString().ToUpperInvariant() ?? "NO_MATCH",
        Detail = staged.ToString(),
        InForce = true,
    };

    private static Reason ReasonOf(Decision decision) => decision switch
    {
        Decision.ByRule => Reason.Policy,
        Decision.Isolated => Reason.Isolated,
        Decision.ByDefault or Decision.OpenNode => Reason.DefaultPosture,
        Decision.NotJudged { Why: Exemption.Unmanaged } => Reason.Unmanaged,
        Decision.NotJudged { Why: Exemption.HostNetwork } => Reason.HostNetwork,
        Decision.NotJudged { Why: Exemption.SameEndpoint } => Reason.SameEndpoint,
        Decision.NotJudged { Why: Exemption.OwnNode } => Reason.OwnNode,
        Decision.NotJudged { Why: Exemption.NeighbourDiscovery } => Reason.NeighbourDiscovery,
        Decision.NotJudged { Why: Exemption.SameNode } => Reason.SameNode,
        Decision.NotJudged { Why: Exemption.OwnEndpoint } => Reason.OwnEndpoint,
        _ => Reason.Unspecified,
    };

    private static Tier Of(Policies.Model.Tier tier) => tier switch
    {
        Policies.Model.Tier.Admin => Tier.Admin,
        Policies.Model.Tier.Tenant => Tier.Tenant,
        _ => Tier.Baseline,
    };
}
