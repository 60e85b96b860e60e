using System.Collections.Immutable;
using Vallum.Policies.Evaluation;
using Vallum.Policies.Model;
using Vallum.Primitives;

namespace Vallum.Testing.Worlds;

/// <summary>The flows of a state on which its policies may differ.</summary>
public static class Flows
{
    private const int MostEdges = 6;

    private static readonly ImmutableArray<Address> FarOutside = [Address.Parse("198.51.100.7"), Address.Parse("2001:db8:77::7")];

    /// <summary>
    /// Every ordered pair of interesting addresses of one family, one of which at least is that of a managed endpoint, or, where policies
    /// are about nodes, of a node (elsewhere nothing is judged), for every interesting service; when these are more than <paramref name="most"/>, as many of them, spread evenly and the
    /// same ones each time.
    /// </summary>
    public static IEnumerable<Flow> Interesting(ClusterState state, int most = int.MaxValue)
    {
        var services = InterestingServices.Of(state);
        var judgesNodes = state.Policies.Values.Any(p => p.IsAboutNodes);
        var managed = state.Endpoints.Values.Where(e => judgesNodes || !e.HostNetwork).SelectMany(e => e.Addresses)
            .Concat(judgesNodes ? state.Nodes.Values.SelectMany(n => n.Addresses) : []).ToHashSet();
        var addresses = InterestingAddresses(state);
        var pairs = (
            from source in addresses
            from destination in addresses
            where source.Family == destination.Family && (managed.Contains(source) || managed.Contains(destination))
            select (source, destination)).ToArray();

        var all = (long)pairs.Length * services.Length;
        var count = Math.Min(all, most);
        var step = count == all ? 1 : Step(all);
        for (long i = 0; i < count; i++)
        {
            // A step without common divisor with the total visits every flow once, and the first few already come from everywhere.
            var index = i * step % all;
            var (source, destination) = pairs[index / services.Length];
            yield return services[(int)(index % services.Length)].Between(source, destination);
        }
    }

    /// <summary>
    /// Those of endpoints and nodes; one far outside per family; and up to <see cref="MostEdges"/> per family of the first, the last and
    /// the next addresses on either side of each CIDR that a peer or a set mentions.
    /// </summary>
    public static ImmutableArray<Address> InterestingAddresses(ClusterState state)
    {
        var objects = state.Endpoints.Values.SelectMany(e => e.Addresses).Concat(state.Nodes.Values.SelectMany(n => n.Addresses));
        var mentioned = state.Policies.Values.SelectMany(p => p.Ingress.Concat(p.Egress)).SelectMany(r => r.Peers).OfType<Peer.Block>()
            .SelectMany(b => b.Except.Prepend(b.Cidr))
            .Concat(state.NetworkSets.Values.SelectMany(s => s.Cidrs));
        var edges = mentioned
            .SelectMany(Edges).Distinct().Order().GroupBy(a => a.Family).SelectMany(family => Spread([.. family], MostEdges));
        return [.. objects.Concat(edges).Concat(FarOutside).Distinct().Order()];
    }

    private static IEnumerable<Address> Spread(Address[] all, int most) =>
        all.Length <= most ? all : Enumerable.Range(0, most).Select(i => all[i * all.Length / most]);

    private static IEnumerable<Address> Edges(Cidr cidr)
    {
        yield return cidr.Base;
        yield return cidr.Last;
        if (Next(cidr.Base, -1) is { } before)
        {
            yield return before;
        }

        if (Next(cidr.Last, 1) is { } after)
        {
            yield return after;
        }
    }

    /// <summary>Null beyond the first and the last address of the family.</summary>
    private static Address? Next(Address address, int step)
    {
        var highest = address.Width == 32 ? uint.MaxValue : UInt128.MaxValue;
        if (address.Bits == (step < 0 ? 0 : highest))
        {
            return null;
        }

        var bits = step < 0 ? address.Bits - 1 : address.Bits + 1;
        return address.Family == IpFamily.V4 ? Address.V4((uint)bits) : Address.V6(bits);
    }

    private static long Step(long total)
    {
        // About the golden section, where multiples spread best.
        for (var step = (long)(total * 0.618); ; step++)
        {
            if (GreatestCommonDivisor(step, total) == 1)
            {
                return step;
            }
        }
    }

    private static long GreatestCommonDivisor(long a, long b) => b == 0 ? a : GreatestCommonDivisor(b, a % b);
}
