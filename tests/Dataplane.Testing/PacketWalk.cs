namespace Vallum.Dataplane.Testing;

/// <summary>Takes a packet through chains of iptables text as the kernel would (iptables(8), iptables-extensions(8)).</summary>
internal sealed class PacketWalk(Packet packet, Func<string, IReadOnlyList<WalkedRule>> rules, Func<string, FakeSet> sets)
{
    /// <summary>True: accepted, false: dropped, null: the chain's end, or RETURN.</summary>
    public bool? Verdict(string chain)
    {
        foreach (var rule in rules(chain))
        {
            if (!rule.Matches(packet, sets))
            {
                continue;
            }

            switch (rule.Target)
            {
                case "" or "NFLOG":
                    break;
                case "ACCEPT":
                    return true;
                case "DROP":
                    return false;
                case "RETURN":
                    return null;
                case var target when rule.IsGoto:
                    return Verdict(target);
                case var target:
                    if (Verdict(target) is { } verdict)
                    {
                        return verdict;
                    }

                    break;
            }
        }

        return null;
    }
}
