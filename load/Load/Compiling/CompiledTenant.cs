using System.Collections.Immutable;
using Vallum.Cluster.Compiled;
using Vallum.Policies.Compilation;
using Vallum.Policies.Model;
using Vallum.Policies.Resources;
using Vallum.Silo.Distribution.Encoding;
using Vallum.Silo.Grains.Tenants;

namespace Vallum.Load.Compiling;

/// <summary>A tenant as its grain compiles it and answers a hub, without the grain and its storage.</summary>
internal sealed class CompiledTenant(TenantName name)
{
    private const long Epoch = 1;

    private readonly TenantCompiler _compiler = new(name);
    private readonly HubInterests _hubs = new();
    private long _sequence;

    public TenantName Name => name;

    public ImmutableArray<ResourceDelta> Apply(IEnumerable<TenantInput> inputs) => _compiler.Apply(inputs);

    /// <summary>The parts that the hub wants beside the tenant's own resources, as inputs.</summary>
    public ImmutableArray<TenantInput> Learn(PullRequest request) =>
        _hubs.Learn(request, DateTimeOffset.UnixEpoch) is { Interest: not null } change
            ? change.Inputs
            : throw new InvalidOperationException($"the hub did not say what it wants of {name}");

    /// <summary>What <see cref="Apply"/> answered, in the bytes that agents get; to who begins anew, everything.</summary>
    public PullReply Reply(ImmutableArray<ResourceDelta> deltas, PullRequest request)
    {
        var whole = request.Epoch == 0;
        var said = whole && _sequence > 0 ? _compiler.Snapshot() : deltas;
        return new PullReply(Epoch, ++_sequence, _sequence, 1, whole, false, [.. ResourceEncoding.Encode(said)]);
    }
}
