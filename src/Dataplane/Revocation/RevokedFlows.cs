using Vallum.Dataplane.Judging;
using Vallum.Dataplane.Model;

namespace Vallum.Dataplane.Revocation;

/// <summary>
/// Which flows a change ends: those that were allowed before it and are denied after it, on a side of which a policy that ends what it revokes
/// (<see cref="PolicyRules.CutRevoked"/>) has a part, in the allowing before or in the denying after. One caller at a time.
/// </summary>
public sealed class RevokedFlows(Judge before, Judge after)
{
    public bool Contains(in Flow flow)
    {
        if (!before.Decide(flow).Allowed)
        {
            return false;
        }

        var now = after.Decide(flow);
        return Concerns(now.Egress, flow, Direction.Egress) || Concerns(now.Ingress, flow, Direction.Ingress);
    }

    private bool Concerns(SideDecision now, in Flow flow, Direction direction) =>
        !now.Allows && (now.Cuts || before.AllowsByCut(flow, direction));
}
