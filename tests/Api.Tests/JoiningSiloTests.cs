using System.Diagnostics;
using Vallum.Api.Tests.Calls;
using Vallum.Contracts.Api.V1;
using Vallum.SiloHost;

namespace Vallum.Api.Tests;

public sealed class JoiningSiloTests
{
    private const int Tenants = 30;
    private const int Agents = 45;

    /// <summary>In production a look every 5 s, and two minutes; here ten times as often.</summary>
    private static readonly Dictionary<string, string?> LooksOften = new() { ["balance:period"] = "00:00:00.5" };

    [Fact]
    public async Task A_silo_that_joins_late_takes_its_share_of_tenants_and_agents_and_status_shows_it()
    {
        await using var first = await TestSilo.StartAsync(LooksOften);
        await using var second = await first.JoinAsync();
        var api = new Calls.Api(first);
        await Task.WhenAll(Enumerable.Range(0, Tenants).Select(number => api.ApplyAsync(Given.Tenant($"t{number}"))));
        List<RovingAgent> agents = [];
        try
        {
            agents.AddRange(Enumerable.Range(0, Agents).Select(number => RovingAgent.Start($"n{number}", first.Address)));
            await EvenAsync(api, silos: 2);

            await using var third = await second.JoinAsync();
            var status = await EvenAsync(api, silos: 3);

            status.Silos.Select(silo => silo.AgentAddress).ShouldBe([first.Address, second.Address, third.Address], ignoreOrder: true);
            status.Silos.ShouldAllBe(silo => silo.Reached && silo.Name.Length > 0 && silo.StartTime != null && silo.Revision == status.Revision);
            agents.ShouldAllBe(agent => agent.Agent.Faults.Count == 0);
            // Whatever was moved answers, and takes changes.
            await Task.WhenAll(Enumerable.Range(0, Tenants).Select(number => api.ApplyAsync(Given.Segment($"t{number}", "web"))));
        }
        finally
        {
            await Task.WhenAll(agents.Select(agent => agent.DisposeAsync().AsTask()));
        }
    }

    /// <summary>Waits until everybody is served, and each silo within 20 % of the even share.</summary>
    private static async Task<GetClusterStatusResponse> EvenAsync(Calls.Api api, int silos)
    {
        var start = Stopwatch.GetTimestamp();
        while (true)
        {
            var status = await api.Status.GetClusterStatusAsync(new GetClusterStatusRequest(), cancellationToken: Calls.Api.Cancelled);
            if (status.Silos.Count == silos && IsEven(status.Silos.Select(silo => silo.Tenants), Tenants) && IsEven(status.Silos.Select(silo => silo.Agents), Agents))
            {
                TestContext.Current.SendDiagnosticMessage($"{silos} silos: even after {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s: {status.Silos}");
                return status;
            }

            Stopwatch.GetElapsedTime(start).ShouldBeLessThan(TimeSpan.FromMinutes(2), $"{status.Silos}");
            await Task.Delay(TimeSpan.FromMilliseconds(200), Calls.Api.Cancelled);
        }
    }

    private static bool IsEven(IEnumerable<int> counts, int all)
    {
        var each = counts.ToList();
        var even = (double)all / each.Count;
        return each.Sum() == all && each.TrueForAll(count => Math.Abs(count - even) <= even * 0.2);
    }
}
