using System.Collections.Immutable;
using System.Text;
using Vallum.Policies.Model;

namespace Vallum.Testing.Worlds;

/// <summary>A state and what happened to it. In every state an address belongs to at most one endpoint that is not hostNetwork.</summary>
public sealed record History(ClusterState Start, ImmutableArray<ClusterChange> Changes)
{
    /// <summary>
    /// The history of <paramref name="wanted"/> changes, in which an endpoint does not get the addresses that another one holds at that moment. It
    /// gets them when it is put again after the other one has let go: an address that moves is part of the game.
    /// </summary>
    public static History Of(ClusterState start, IEnumerable<ClusterChange> wanted)
    {
        var state = start;
        var changes = ImmutableArray.CreateBuilder<ClusterChange>();
        foreach (var change in wanted)
        {
            var possible = change is ClusterChange.PutEndpoint { Endpoint.HostNetwork: false } put
                ? new ClusterChange.PutEndpoint(WithFreeAddresses(put.Endpoint, state))
                : change;
            state = possible.Apply(state);
            changes.Add(possible);
        }

        return new History(start, changes.ToImmutable());
    }

    /// <summary>The start, then the state after each change.</summary>
    public IEnumerable<ClusterState> States()
    {
        var state = Start;
        yield return state;
        foreach (var change in Changes)
        {
            state = change.Apply(state);
            yield return state;
        }
    }

    public override string ToString()
    {
        var text = new StringBuilder("start: ").Append(WorldText.Of(Start));
        foreach (var change in Changes)
        {
            text.AppendLine().Append("then ").Append(WorldText.Of(change));
        }

        return text.ToString();
    }

    private static Endpoint WithFreeAddresses(Endpoint endpoint, ClusterState state)
    {
        var taken = state.Endpoints.Values.Where(e => !e.HostNetwork && e.Id != endpoint.Id).SelectMany(e => e.Addresses).ToHashSet();
        return endpoint with { Addresses = [.. endpoint.Addresses.Where(a => !taken.Contains(a))] };
    }
}
