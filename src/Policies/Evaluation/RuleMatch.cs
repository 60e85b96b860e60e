using Vallum.Policies.Model;

namespace Vallum.Policies.Evaluation;

/// <summary>Where a rule matched. Indexes count from 0 as written.</summary>
/// <param name="Index">Of the rule among the policy's rules of the direction.</param>
/// <param name="Name">May be empty.</param>
/// <param name="Peer">The first peer that matches; null when the rule names no peers.</param>
/// <param name="Service">The first service that matches; null when the rule names no services.</param>
public sealed record RuleMatch(int Index, string Name, RuleAction Action, int? Peer, int? Service)
{
    public override string ToString() => Name.Length == 0 ? $"rule {Index}" : $"rule {Index} '{Name}'";
}

/// <summary>Why a rule does not match.</summary>
/// <param name="Index">Of the rule among the policy's rules of the direction.</param>
/// <param name="Reason">What was missing.</param>
/// <param name="Peer">With <see cref="MissReason.NoService"/> the first peer that matches, null when the rule names no peers.</param>
public sealed record RuleMiss(int Index, string Name, MissReason Reason, int? Peer = null)
{
    public override string ToString()
    {
        var why = (Reason, Peer) switch
        {
            (MissReason.NoPeer, _) => "no peer matches",
            (_, { } peer) => $"peer {peer} matches, no service does",
            _ => "no service matches",
        };
        return $"rule {Index}{(Name.Length == 0 ? "" : $" '{Name}'")}: {why}";
    }
}

public enum MissReason
{
    /// <summary>None of the rule's peers is the other side.</summary>
    NoPeer,

    /// <summary>The peer matches, and none of the rule's services is what is asked for.</summary>
    NoService,
}
