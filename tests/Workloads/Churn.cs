using System.Collections.Immutable;
using Vallum.Policies.Model;
using Vallum.Testing.Worlds;

namespace Vallum.Workloads;

/// <summary>
/// What happens in a world, one thing after another without an end: the same for the same seed and rates. Every change fits the state after those before
/// it. Who goes leaves a slot, and who comes takes the slot that has been empty longest, so that the world keeps its size; nobody comes back under the
/// same name or address.
/// </summary>
public sealed class Churn
{
    private const int PerThousand = 1_000;

    private readonly World _world;
    private readonly ChurnRates _rates;
    private readonly Occupancy _slots;
    private readonly int[] _editions;
    private readonly int[] _relabelled;
    private readonly TimeSpan _apart;
    private Dice _dice;
    private int? _deleted;
    private long _count;

    internal Churn(World world, ChurnRates rates)
    {
        (_world, _rates) = (world, rates);
        _slots = new Occupancy(world.Shape);
        _editions = new int[world.Shape.Policies];
        _relabelled = new int[world.Shape.Tenants];
        _dice = Dice.For(world.Seed, 2, 0);
        var perMinute = world.Shape.Endpoints * rates.EndpointsPerMinute * 2 * (PerThousand + rates.Others) / PerThousand;
        _apart = TimeSpan.FromMinutes(1 / perMinute);
    }

    /// <summary>Without an end.</summary>
    public IEnumerable<Change> Sequence()
    {
        while (true)
        {
            yield return Next(NextKind());
        }
    }

    /// <summary>The next change is one of the kind, if there can be one; otherwise an endpoint comes or goes.</summary>
    public Change Next(ChangeKind kind)
    {
        var (done, tenant, edits) = kind switch
        {
            ChangeKind.EndpointRelabelled when _slots.Any(ref _dice) is { } slot => (kind, slot / _world.Shape.EndpointsPerTenant, ImmutableArray.Create<ClusterChange>(Put(_slots.Flip(slot)))),
            ChangeKind.PolicyChanged when _world.Shape.Policies > 0 && PolicyToChange() is { } policy => (kind, policy.Tenant, [policy.Edit]),
            ChangeKind.TenantRelabelled when AnyTenant() is { } one => (kind, one, [new ClusterChange.PutTenant(_world.Tenant(one, ++_relabelled[one]))]),
            ChangeKind.SegmentDrained when AnyTenant() is { } one => (kind, one, Drained(one)),
            ChangeKind.TenantDeleted when _world.Shape.Tenants > 1 && _deleted is null && AnyTenant() is { } one => (kind, one, Deleted(one)),
            ChangeKind.TenantComes when _deleted is { } one => (kind, one, Comes(one)),
            ChangeKind.EndpointGoes when _slots.Any(ref _dice) is { } slot => Goes(slot),
            _ when _slots.LongestEmpty() is { } slot => (ChangeKind.EndpointComes, slot / _world.Shape.EndpointsPerTenant, [Put(_slots.Fill(slot))]),
            _ => Goes(_slots.Any(ref _dice) ?? throw new InvalidOperationException("the world has no endpoints")),
        };
        return new Change(_apart * _count++, done, World.NameOf(tenant), edits);
    }

    private ChangeKind NextKind()
    {
        var side = _dice.Next(PerThousand + _rates.Others);
        if ((side -= _rates.PolicyChanges) < 0)
        {
            return ChangeKind.PolicyChanged;
        }

        if ((side -= _rates.Relabellings) < 0)
        {
            return ChangeKind.EndpointRelabelled;
        }

        if ((side -= _rates.TenantRelabellings) < 0)
        {
            return ChangeKind.TenantRelabelled;
        }

        if ((side -= _rates.Drains) < 0)
        {
            return ChangeKind.SegmentDrained;
        }

        return side - _rates.Deletions < 0
            ? _deleted is null ? ChangeKind.TenantDeleted : ChangeKind.TenantComes
            : ChangeKind.EndpointComes;
    }

    private (ChangeKind Kind, int Tenant, ImmutableArray<ClusterChange> Edits) Goes(int slot)
    {
        var endpoint = EndpointAt(slot, _slots.At(slot));
        _slots.Empty(slot);
        return (ChangeKind.EndpointGoes, slot / _world.Shape.EndpointsPerTenant, [new ClusterChange.RemoveEndpoint(endpoint.Id)]);
    }

    // What has no rule (the isolating policy) has no port to change.
    private (int Tenant, ClusterChange Edit)? PolicyToChange()
    {
        var shape = _world.Shape;
        var first = shape.Pattern == PolicyPattern.Isolated ? 1 : 0;
        if (AnyTenant() is not { } tenant || shape.PoliciesPerTenant <= first)
        {
            return null;
        }

        var policy = first + _dice.Next(shape.PoliciesPerTenant - first);
        var edition = ++_editions[(tenant * shape.PoliciesPerTenant) + policy];
        return (tenant, new ClusterChange.PutPolicy(_world.Policy(tenant, policy, edition)));
    }

    private ImmutableArray<ClusterChange> Drained(int tenant)
    {
        var segment = _dice.Next(_world.Shape.Segments);
        return Emptied(tenant, slot => slot % _world.Shape.Segments == segment);
    }

    private ImmutableArray<ClusterChange> Deleted(int tenant)
    {
        _deleted = tenant;
        var endpoints = Emptied(tenant, _ => true);
        _slots.Close(FirstSlot(tenant), _world.Shape.EndpointsPerTenant);
        var name = World.NameOf(tenant);
        return
        [
            .. Enumerable.Range(0, _world.Shape.PoliciesPerTenant).Select(policy => new ClusterChange.RemovePolicy(_world.Policy(tenant, policy).Id)),
            .. endpoints,
            .. Enumerable.Range(0, _world.Shape.Segments).Select(segment => new ClusterChange.RemoveSegment(name, World.SegmentAt(segment))),
            new ClusterChange.RemoveTenant(name),
        ];
    }

    private ImmutableArray<ClusterChange> Comes(int tenant)
    {
        _deleted = null;
        _relabelled[tenant] = 0;
        Array.Clear(_editions, tenant * _world.Shape.PoliciesPerTenant, _world.Shape.PoliciesPerTenant);
        _slots.Open(FirstSlot(tenant), _world.Shape.EndpointsPerTenant);
        var objects = new TenantObjects(_world, tenant);
        return
        [
            new ClusterChange.PutTenant(objects.Tenant),
            .. objects.Segments.Select(segment => (ClusterChange)new ClusterChange.PutSegment(segment)),
            .. Enumerable.Range(FirstSlot(tenant), _world.Shape.EndpointsPerTenant).Select(slot => (ClusterChange)Put(_slots.Fill(slot))),
            .. objects.Policies.Select(policy => new ClusterChange.PutPolicy(policy)),
        ];
    }

    private ImmutableArray<ClusterChange> Emptied(int tenant, Func<int, bool> which)
    {
        var edits = ImmutableArray.CreateBuilder<ClusterChange>();
        for (var number = 0; number < _world.Shape.EndpointsPerTenant; number++)
        {
            var slot = FirstSlot(tenant) + number;
            if (which(number) && _slots.IsTaken(slot))
            {
                edits.Add(new ClusterChange.RemoveEndpoint(EndpointAt(slot, _slots.At(slot)).Id));
                _slots.Empty(slot);
            }
        }

        return edits.DrainToImmutable();
    }

    private int FirstSlot(int tenant) => tenant * _world.Shape.EndpointsPerTenant;

    /// <summary>One that is there.</summary>
    private int? AnyTenant()
    {
        var tenant = _dice.Next(_world.Shape.Tenants);
        return tenant != _deleted ? tenant : _world.Shape.Tenants == 1 ? null : (tenant + 1) % _world.Shape.Tenants;
    }

    private ClusterChange.PutEndpoint Put((int Slot, Occupant Occupant) taken) => new ClusterChange.PutEndpoint(EndpointAt(taken.Slot, taken.Occupant));

    private Endpoint EndpointAt(int slot, Occupant occupant) =>
        _world.Endpoint(slot / _world.Shape.EndpointsPerTenant, slot % _world.Shape.EndpointsPerTenant, occupant);
}
