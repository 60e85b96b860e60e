namespace Vallum.Dataplane.Reading;

/// <summary>What a rule does to the packets that it matches.</summary>
internal enum RuleEffect
{
    /// <summary>It counts or logs.</summary>
    None,

    /// <summary>The packet's direction allows it.</summary>
    Allow,

    Deny,

    /// <summary>Another chain decides.</summary>
    Other,
}

/// <summary>One rule that names a set. <paramref name="At"/>: the rule's place in its chain, from 0.</summary>
internal sealed record SetUse(string Chain, int At, RuleEffect Effect, SetMatch Match, RuleParts Rule);
