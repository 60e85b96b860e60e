using System.Collections.Immutable;
using Vallum.Dataplane.Kernel;
using Vallum.Dataplane.Model;
using Vallum.Primitives;

namespace Vallum.Dataplane.Rendering;

/// <summary>
/// What the dispatch of one direction says of each local address. The first rule of a leaf asks for the address and its interface at once, so that a
/// right packet goes to its chain without a lookup; what has the address and another interface goes there by way of the checks. An endpoint may
/// reach itself (through a service's address it meets its own in FORWARD): that leaf takes no such packet.
/// </summary>
internal sealed class DirectionLeaves
{
    // What so few checks cost a packet that no leaf takes is less than a chain of their own.
    private const int MostInlined = 2;

    private readonly IpFamily _family;
    private readonly SourceChecks _checks;
    private readonly IDictionary<string, ImmutableArray<string>> _chains;
    private readonly bool _isChecked;

    private DirectionLeaves(
        Direction direction, IpFamily family, SourceChecks checks, ImmutableArray<string> all, IDictionary<string, ImmutableArray<string>> chains)
    {
        (Direction, _family, _checks, _chains) = (direction, family, checks, chains);
        _isChecked = !all.IsEmpty;
        if (_isChecked)
        {
            chains[Checks] = all;
        }

        Ends = all.Length <= MostInlined ? all : [RuleText.All.Goto(Checks)];
    }

    public Direction Direction { get; }

    /// <summary>What is asked of packets that no leaf takes.</summary>
    public ImmutableArray<string> Ends { get; }

    private string Checks => IsEgress ? KernelNames.Sources : KernelNames.Destinations;

    private bool IsEgress => Direction == Direction.Egress;

    public static DirectionLeaves Egress(
        IpFamily family, RenderOptions options, Gate gate, SourceChecks checks, IDictionary<string, ImmutableArray<string>> chains) => new(
        Direction.Egress,
        family,
        checks,
        [.. checks.Sources(), .. Blocks(family, options).Select(b => (RuleText.All with { Source = b }).AndNotSet(gate.Local(), "src").Jump(KernelNames.Deny))],
        chains);

    public static DirectionLeaves Ingress(
        IpFamily family, RenderOptions options, Gate gate, SourceChecks checks, IDictionary<string, ImmutableArray<string>> chains) => new(
        Direction.Ingress,
        family,
        checks,
        [.. checks.Destinations(), .. Blocks(family, options).Select(b => (RuleText.All with { Destination = b }).AndNotSet(gate.Local(), "dst").Jump(KernelNames.Deny))],
        chains);

    /// <summary>Flows with the endpoint's own node are not judged.</summary>
    public IEnumerable<string> OwnNode(NodeState state) => state.NodeAddresses.Where(a => a.Family == _family).Distinct().Order()
        .Select(a => Unjudged(IsEgress ? RuleText.All with { Destination = Cidr.Host(a) } : RuleText.All with { Source = Cidr.Host(a) }));

    public Leaf Of(LocalAddress local, string chain)
    {
        var (address, judged) = (Cidr.Host(local.Address), For(local.Address));
        return new Leaf(local.Address,
        [
            .. local.Own.Where(own => own != local.Address).Select(own => Unjudged(IsEgress
                ? RuleText.All with { Source = address, Destination = Cidr.Host(own) }
                : RuleText.All with { Source = Cidr.Host(own), Destination = address })),
            .. !_isChecked || chain == KernelNames.Deny
                ? [judged.Goto(chain)]
                : _checks.Proving(local).Select(i => (IsEgress ? judged with { In = i } : judged with { Out = i }).Goto(chain)).Append(judged.Goto(Checked(chain))),
        ]);
    }

    private static IEnumerable<Cidr> Blocks(IpFamily family, RenderOptions options) => options.WorkloadBlocks.Where(b => b.Family == family);

    private RuleText For(Address address) => IsEgress
        ? RuleText.All with { Source = Cidr.Host(address), ExceptDestination = address }
        : RuleText.All with { Destination = Cidr.Host(address), ExceptSource = address };

    private string Unjudged(RuleText rule) => _isChecked ? rule.Goto(Checks) : rule.Return();

    /// <summary>The way into the chain of what has still to be checked.</summary>
    private string Checked(string chain)
    {
        var name = KernelNames.Chain(IsEgress ? "SE" : "SI", chain);
        _chains[name] = [RuleText.All.Jump(Checks), RuleText.All.Goto(chain)];
        return name;
    }
}
