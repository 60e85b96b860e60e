using System.Collections.Immutable;
using System.Text;
using Vallum.Policies.Model;
using Vallum.Primitives;

namespace Vallum.Policies.Evaluation;

/// <summary>Who reaches whom, for one kind of traffic.</summary>
/// <param name="Endpoints">Managed endpoints with an address, sorted by name.</param>
/// <param name="Rows">One string per source, one character per destination, both in the order of <paramref name="Endpoints"/>.</param>
public sealed record Reachability(ImmutableArray<EndpointId> Endpoints, ImmutableArray<string> Rows)
{
    public const char Allowed = '.';
    public const char Blocked = 'X';

    /// <summary>The same endpoint, or no address in a common family.</summary>
    public const char NotJudged = '-';

    /// <param name="flow">The flow between two addresses of one family.</param>
    /// <param name="family">The only family that the traffic runs over; null: any, and then all common families must allow.</param>
    public static Reachability Of(ClusterState state, Func<Address, Address, Flow> flow, IpFamily? family = null)
    {
        var evaluator = new Evaluator(state);
        var endpoints = state.Endpoints.Values.Where(e => !e.HostNetwork && !e.Addresses.IsEmpty).ToImmutableArray();
        var rows = ImmutableArray.CreateBuilder<string>(endpoints.Length);
        foreach (var source in endpoints)
        {
            var row = new StringBuilder(endpoints.Length);
            foreach (var destination in endpoints)
            {
                row.Append(source.Id == destination.Id ? NotJudged : Cell(evaluator, source, destination, flow, family));
            }

            rows.Add(row.ToString());
        }

        return new Reachability([.. endpoints.Select(e => e.Id)], rows.ToImmutable());
    }

    private static char Cell(Evaluator evaluator, Endpoint source, Endpoint destination, Func<Address, Address, Flow> flow, IpFamily? family)
    {
        var judged = false;
        foreach (var from in source.Addresses)
        {
            foreach (var to in destination.Addresses)
            {
                if (from.Family != to.Family || (family is { } only && from.Family != only))
                {
                    continue;
                }

                judged = true;
                if (!evaluator.Evaluate(flow(from, to)).Allowed)
                {
                    return Blocked;
                }
            }
        }

        return judged ? Allowed : NotJudged;
    }
}
