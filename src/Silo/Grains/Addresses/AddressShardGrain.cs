using System.Collections.Immutable;
using System.Text;
using Orleans.Concurrency;
using Orleans.Storage;
using Vallum.Cluster;
using Vallum.Silo.Storage.Log;

namespace Vallum.Silo.Grains.Addresses;

/// <inheritdoc cref="IAddressShardGrain"/>
/// <remarks>
/// Decides on the state after all that was appended, durable or not, without waiting in between; so calls that come together share a row write.
/// A claim's number is the revision that made it.
/// </remarks>
[GrainType("address-shard"), Reentrant]
internal sealed class AddressShardGrain([FromKeyedServices(GrainStorageName.Objects)] IGrainStorage storage, TimeProvider time) : Grain, IAddressShardGrain
{
    private const int ClaimKind = 1;

    private ObjectLog _log = null!;

    public override async Task OnActivateAsync(CancellationToken cancellationToken) =>
        _log = await ObjectLog.OpenAsync(storage, this.GetGrainId(), time);

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) =>
        _log is null or { IsFaulted: true } ? Task.CompletedTask : _log.CloseAsync();

    public async Task<ImmutableArray<AddressOwner>> Claim(string tenant, ImmutableArray<AddressClaim> claims)
    {
        ImmutableArray<AddressOwner> inTheWay = [.. claims.Select(claim => (claim, owner: OwnerOf(claim.Address)))
            .Where(pair => pair.owner is not null && pair.owner.Tenant != tenant && pair.owner.Number != pair.claim.Displaces)
            .Select(pair => pair.owner!)];
        if (inTheWay.IsEmpty)
        {
            await AppendAsync(tenant, revision => claims.Select(claim => ObjectChange.Put(KeyOf(claim.Address), Stored(tenant, revision))));
        }

        return inTheWay;
    }

    public Task Release(string tenant, ImmutableArray<string> addresses)
    {
        var held = addresses.Where(address => OwnerOf(address)?.Tenant == tenant).ToList();
        return held.Count == 0 ? Task.CompletedTask : AppendAsync(tenant, _ => held.Select(address => ObjectChange.Delete(KeyOf(address))));
    }

    public Task<ImmutableArray<AddressOwner>> ClaimsOfOthers(string tenant, ImmutableArray<string> addresses) =>
        Task.FromResult<ImmutableArray<AddressOwner>>([.. addresses.Select(OwnerOf).OfType<AddressOwner>().Where(owner => owner.Tenant != tenant)]);

    public Task<string?> ClaimantOf(string address) => Task.FromResult(OwnerOf(address)?.Tenant);

    private async Task AppendAsync(string tenant, Func<long, IEnumerable<ObjectChange>> changes)
    {
        var revision = _log.Head.Revision + 1;
        try
        {
            await _log.AppendAsync(new Batch { Revision = revision, Time = time.GetUtcNow(), Actor = tenant, Changes = [.. changes(revision)] });
        }
        catch
        {
            // Whether the write happened is not known: what is true is read again.
            DeactivateOnIdle();
            throw;
        }
    }

    private AddressOwner? OwnerOf(string address) => _log.Head.Objects.GetValueOrDefault(KeyOf(address)) is { } stored
        ? new AddressOwner(address, Encoding.UTF8.GetString(stored.Content.Span), stored.Revision)
        : null;

    private StoredObject Stored(string tenant, long revision) => new()
    {
        Content = Encoding.UTF8.GetBytes(tenant),
        Generation = 1,
        Revision = revision,
        CreateTime = time.GetUtcNow(),
        UpdateTime = time.GetUtcNow(),
    };

    private static ObjectKey KeyOf(string address) => new(ClaimKind, address);
}
