using Vallum.Dataplane.Model;

namespace Vallum.Dataplane.Rendering;

/// <summary>
/// Whose a rule of a chain is: what it counts, it counts for this. <paramref name="Policy"/> null: no policy's, but what becomes of a flow that none
/// decides; <paramref name="Rule"/> is then <see cref="Isolation"/> or <see cref="Posture"/>.
/// </summary>
public sealed record RuleOrigin(string? Policy, string Rule, Direction Direction, Tier Tier, bool Staged)
{
    /// <summary>Denied because a policy of the Tenant tier isolates the endpoint and none allows.</summary>
    public const string Isolation = "isolation";

    /// <summary>Denied by the tenant's default posture.</summary>
    public const string Posture = "default";
}
