using System.Collections.Immutable;
using System.Globalization;
using Vallum.Scenarios.Grounds;
using Vallum.Scenarios.Worlds;
using Vallum.Workloads;
using ApiObject = Vallum.Contracts.Api.V1.Object;

namespace Vallum.Scenarios.Writes;

/// <summary>
/// One endpoint is given other labels, and so leaves one group and enters another. All endpoints of all tenants take turns, and each write is of something
/// else than the one before.
/// </summary>
internal abstract class ObjectWrite : WorldScenario
{
    private ImmutableArray<ImmutableArray<ApiObject>> _endpoints = [];

    public override async Task PrepareAsync(Ground ground, CancellationToken cancellationToken)
    {
        await base.PrepareAsync(ground, cancellationToken);
        _endpoints = [.. World.Tenants.Select(tenant => tenant.Messages().Where(one => one.Endpoint is not null).ToImmutableArray())];
    }

    protected ApiObject Write(long number)
    {
        var endpoints = _endpoints[(int)(number % _endpoints.Length)];
        var turn = number / _endpoints.Length;
        var slot = (int)(turn % endpoints.Length);
        var round = 1 + (turn / endpoints.Length);
        var written = endpoints[slot].Clone();
        written.Endpoint.Metadata.Labels["app"] = string.Create(CultureInfo.InvariantCulture, $"a{(slot + round) % World.Shape.LabelSets}");
        return written;
    }
}
