using System.Collections.Immutable;
using Vallum.Dataplane.Kernel;
using Vallum.Dataplane.Model;
using Vallum.Primitives;

namespace Vallum.Dataplane.Rendering;

/// <summary>The sets that say which addresses are known on this node, and behind which interface.</summary>
internal sealed class Gate(GateSets sets, ImmutableArray<LocalAddress> locals, Links links)
{
    private readonly bool _someUnplaced = locals.Any(l => !l.Placed);

    /// <summary>Matches a source that is not bound: no endpoint's address behind the interface, nor the address of one whose interface is not known.</summary>
    public RuleText Strangers(RuleText rule)
    {
        rule = rule.AndNotSet(Bound(), "src,src");
        return _someUnplaced ? rule.AndNotSet(Unplaced(), "src") : rule;
    }

    /// <summary>
    /// Matches the address of an endpoint whose interface is not known, from an interface that is another's. Null where that cannot be. A port of a
    /// bridge is not in it: the set would hold its bridge, behind which the endpoint may well be.
    /// </summary>
    public RuleText? Borrowed(RuleText rule)
    {
        ImmutableArray<string> taken = [.. locals.SelectMany(l => l.Interfaces).Distinct().Where(name => !links.IsPort(name))];
        return _someUnplaced && !taken.IsEmpty
            ? rule.AndSet(Unplaced(), "src").AndSet(sets.Put("taken", SetType.NetInterface, taken.SelectMany(Everything), isGate: false), "src,src")
            : null;
    }

    /// <summary>Matches what is for no endpoint behind the interface, nor for one whose interface is not known.</summary>
    public RuleText Unreached(RuleText rule)
    {
        rule = rule.AndNotSet(Bound(), "dst,dst");
        return _someUnplaced ? rule.AndNotSet(Unplaced(), "dst") : rule;
    }

    /// <summary>Matches what comes from the node's endpoints (src) or goes to them (dst), behind their own interfaces as far as those are known.</summary>
    public IEnumerable<RuleText> Known(RuleText rule, string side)
    {
        if (locals.Any(l => !l.Interfaces.IsEmpty))
        {
            yield return rule.AndSet(Bound(), $"{side},{side}");
        }

        if (_someUnplaced)
        {
            yield return rule.AndSet(Unplaced(), side);
        }
    }

    public string Bound() => sets.Put(
        "gate", SetType.NetInterface, locals.SelectMany(l => l.Interfaces.Select(i => new SetMember(Cidr.Host(l.Address), Interface: links.Seen(i)))));

    public string Local() => sets.Put("local", SetType.Net, locals.Select(l => new SetMember(Cidr.Host(l.Address))));

    private string Unplaced() =>
        sets.Put("unplaced", SetType.Net, locals.Where(l => !l.Placed).Select(l => new SetMember(Cidr.Host(l.Address))));

    // A prefix of length 0 is refused by sets, its halves are not.
    private IEnumerable<SetMember> Everything(string name)
    {
        var family = locals[0].Address.Family;
        var (low, high) = Cidr.Containing(family == IpFamily.V4 ? Address.V4(0) : Address.V6(0), 0).Halves();
        return [new SetMember(low, Interface: name), new SetMember(high, Interface: name)];
    }
}
