using System.Collections.Immutable;
using Vallum.Cluster.Compiled;
using Vallum.Policies.Compilation;
using Vallum.Policies.Resources;
using Vallum.Silo.Distribution.Encoding;

namespace Vallum.Silo.Grains.Tenants;

/// <summary>What one silo's hub takes from the tenant.</summary>
internal sealed class HubInterest
{
    /// <summary>Everything; otherwise only <see cref="Wants"/>.</summary>
    public bool Full { get; set; }

    public long WantsVersion { get; set; }

    public ImmutableDictionary<GroupPartId, EndpointPart> Wants { get; set; } = ImmutableDictionary<GroupPartId, EndpointPart>.Empty;

    public DateTimeOffset LastSeen { get; set; }

    /// <summary>Cursors below this know less than the hub now takes: they are answered by the whole.</summary>
    public long WholeBelow { get; set; }

    public bool Takes(CompiledDelta delta) => Full || (delta.Kind == CompiledKind.GroupPart && Wants.ContainsKey(new GroupPartId(delta.Name)));
}

/// <summary>What a hub's request changes.</summary>
/// <param name="Interest">Null: the hub must tell its wants first.</param>
/// <param name="Widened">The hub takes more than its cursor knows, other than what the compiler makes anew.</param>
/// <param name="Inputs">For the compiler: parts that are wanted from now on, or no more by anybody.</param>
internal sealed record InterestChange(HubInterest? Interest, bool Widened, ImmutableArray<TenantInput> Inputs);

/// <summary>Who takes what from the tenant. In memory: a hub that the activation does not know tells again.</summary>
internal sealed class HubInterests
{
    /// <summary>A hub that has not asked for so long is gone with its wants; it asks every 10 s.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(60);

    private readonly Dictionary<string, HubInterest> _hubs = [];
    private readonly Dictionary<GroupPartId, int> _wanted = [];

    public bool Any => _hubs.Count > 0;

    public InterestChange Learn(PullRequest request, DateTimeOffset now)
    {
        List<TenantInput> inputs = [];
        var known = _hubs.GetValueOrDefault(request.Hub);
        if (request.Wants is null && request.WantsVersion != (known?.WantsVersion ?? 0))
        {
            return new InterestChange(null, false, []);
        }

        var interest = known ?? new HubInterest();
        var wants = request.Wants is { } told ? told.Select(WantEncoding.FromWant).ToImmutableDictionary(part => part.Id) : interest.Wants;
        var more = wants.Where(want => !interest.Wants.ContainsKey(want.Key)).ToList();
        var widened = known is null || (request.Full ? !interest.Full : interest.Full || more.Count > 0);
        foreach (var (id, part) in more)
        {
            if (_wanted.TryGetValue(id, out var hubs))
            {
                _wanted[id] = hubs + 1;
            }
            else
            {
                _wanted.Add(id, 1);
                inputs.Add(new TenantInput.WantPart(part));
            }
        }

        inputs.AddRange(Unwant(interest.Wants.Keys.Where(id => !wants.ContainsKey(id))));
        (interest.Full, interest.WantsVersion, interest.Wants, interest.LastSeen) = (request.Full, request.WantsVersion, wants, now);
        _hubs[request.Hub] = interest;
        inputs.AddRange(Expire(now));
        return new InterestChange(interest, widened, [.. inputs]);
    }

    private IEnumerable<TenantInput> Expire(DateTimeOffset now)
    {
        foreach (var (hub, interest) in _hubs.Where(pair => now - pair.Value.LastSeen > Lease).ToList())
        {
            _hubs.Remove(hub);
            foreach (var input in Unwant(interest.Wants.Keys))
            {
                yield return input;
            }
        }
    }

    private IEnumerable<TenantInput> Unwant(IEnumerable<GroupPartId> parts)
    {
        foreach (var id in parts)
        {
            if (--_wanted[id] == 0)
            {
                _wanted.Remove(id);
                yield return new TenantInput.UnwantPart(id);
            }
        }
    }
}
