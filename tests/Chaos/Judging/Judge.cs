using System.Diagnostics;
using System.Globalization;
using Vallum.Agents;
using Vallum.Chaos.Agents;
using Vallum.Chaos.Worlds;
using Vallum.Chaos.Writing;
using Vallum.Contracts.Api.V1;
using ApiObject = Vallum.Contracts.Api.V1.Object;

namespace Vallum.Chaos.Judging;

/// <summary>Holds a cluster that has healed to the journal.</summary>
internal sealed class Judge(World world, IReadOnlyList<Journal> journals, ApiClient api)
{
    private static readonly TimeSpan HealWithin = TimeSpan.FromSeconds(60);
    private static readonly CultureInfo Plain = CultureInfo.InvariantCulture;

    /// <summary>Everything that is wrong; empty: nothing is.</summary>
    public async Task<IReadOnlyList<string>> FaultsAsync(Fleet fleet, CancellationToken cancellationToken)
    {
        var faults = journals.SelectMany(journal => journal.Faults).ToList();
        var objects = new List<IReadOnlyList<ApiObject>>();
        foreach (var journal in journals)
        {
            var additions = await AdditionsAsync(journal, faults, cancellationToken);
            await CompareCountsAsync(journal, additions.Count, faults, cancellationToken);
            // The last word, as one Apply: the generation's objects come after those of the beginning, of the same names.
            objects.Add([.. world.Begin(journal.Tenant).Concat(World.At(journal.Tenant, journal.Generation))
                .Concat(additions.Select(number => world.Addition(journal.Tenant, number)))
                .Reverse().DistinctBy(NameOf)]);
        }

        var wanted = await FreshCompile.OfAsync(world, objects, cancellationToken);
        var differences = await AgreeAsync(fleet, wanted, cancellationToken);
        return [.. faults, .. differences, .. fleet.Faults];
    }

    /// <summary>The additions that are there. Every answered one must be, and none that nobody asked for.</summary>
    private async Task<IReadOnlyList<int>> AdditionsAsync(Journal journal, List<string> faults, CancellationToken cancellationToken)
    {
        var there = (await EndpointsAsync(journal.Tenant, cancellationToken)).ToHashSet();
        var present = journal.Additions.Concat(journal.UnknownAdditions).Where(number => there.Contains(World.AdditionName(number))).Order().ToList();
        faults.AddRange(journal.Additions.Except(present).Select(number => string.Create(Plain, $"tenant t{journal.Tenant}: addition {number} was acknowledged and is not there")));
        var expected = world.Begin(journal.Tenant).Where(one => one.Endpoint is not null).Select(one => one.Endpoint.Name.Split('/')[^1])
            .Concat(present.Select(World.AdditionName)).ToHashSet();
        faults.AddRange(there.Except(expected).Select(name => $"tenant t{journal.Tenant}: endpoint {name} is there and nobody asked for it"));
        faults.AddRange(expected.Except(there).Select(name => $"tenant t{journal.Tenant}: endpoint {name} is not there"));
        return present;
    }

    /// <summary>One revision for each batch that is there, and one generation of each object for each change of it.</summary>
    private async Task CompareCountsAsync(Journal journal, int additions, List<string> faults, CancellationToken cancellationToken)
    {
        var about = new GetTenantStatusRequest { Name = World.TenantName(journal.Tenant) };
        var status = await api.AskAsync((silo, options) => new StatusService.StatusServiceClient(silo).GetTenantStatusAsync(about, options), cancellationToken);
        var expected = journal.Base + journal.Generation + additions;
        if (status.Revision != expected)
        {
            faults.Add(string.Create(Plain, $"tenant t{journal.Tenant} is at revision {status.Revision}: {journal.Base} to begin with, {journal.Generation} generations and {additions} additions make {expected}"));
        }

        var wanted = World.At(journal.Tenant, journal.Generation).Select(one => one.Policy).OfType<Policy>();
        foreach (var policy in wanted)
        {
            var named = new GetRequest { Name = policy.Name };
            var found = await api.AskAsync((silo, options) => new PolicyService.PolicyServiceClient(silo).GetPolicyAsync(named, options), cancellationToken);
            if (found.Metadata.Generation != journal.Generation + 1)
            {
                faults.Add(string.Create(Plain, $"{policy.Name} was changed {found.Metadata.Generation - 1} times, and {journal.Generation} changes were acknowledged"));
            }
        }
    }

    private async Task<IEnumerable<string>> EndpointsAsync(int tenant, CancellationToken cancellationToken)
    {
        var names = new List<string>();
        var request = new ListRequest { Parent = World.TenantName(tenant), PageSize = 1000 };
        do
        {
            var page = await api.AskAsync((silo, options) => new EndpointService.EndpointServiceClient(silo).ListEndpointsAsync(request, options), cancellationToken);
            names.AddRange(page.Endpoints.Select(endpoint => endpoint.Name.Split('/')[^1]));
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);
        return names;
    }

    /// <summary>Waits until every agent holds what it should; what differs after that stays a difference.</summary>
    private static async Task<IReadOnlyList<string>> AgreeAsync(Fleet fleet, IReadOnlyDictionary<string, AgentState> wanted, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        while (true)
        {
            var differences = fleet.Agents.SelectMany(agent => StateDifference.Of(agent.Agent.Node, agent.Agent.State, wanted[agent.Agent.Node])).ToList();
            if (differences.Count == 0 || Stopwatch.GetElapsedTime(start) > HealWithin)
            {
                return differences;
            }

            await Task.Delay(250, cancellationToken);
        }
    }

    private static string NameOf(ApiObject one) => one.ObjectCase switch
    {
        ApiObject.ObjectOneofCase.Tenant => one.Tenant.Name,
        ApiObject.ObjectOneofCase.Segment => one.Segment.Name,
        ApiObject.ObjectOneofCase.Endpoint => one.Endpoint.Name,
        _ => one.Policy.Name,
    };
}
