using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Shouldly;
using Vallum.Silo.Storage.Sqlite;
using Vallum.Storage.Tests.Backends;
using Xunit;

namespace Vallum.Storage.Tests;

public sealed class SqliteClusterTests
{
    [Fact]
    public async Task Two_silos_over_one_file_are_one_cluster_and_share_their_grains_state()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "vallum.db");
        using var first = await StartAsync(path);
        using var second = await StartAsync(path);

        var hosts = await first.Services.GetRequiredService<IGrainFactory>().GetGrain<IManagementGrain>(0)
            .GetHosts(true, TestContext.Current.CancellationToken);
        hosts.Count.ShouldBe(2);
        await first.Services.GetRequiredService<IGrainFactory>().GetGrain<INotesGrain>("a").Write("from the first");
        (await second.Services.GetRequiredService<IGrainFactory>().GetGrain<INotesGrain>("a").Read()).ShouldBe("from the first");

        await first.StopAsync(TestContext.Current.CancellationToken);
        (await second.Services.GetRequiredService<IGrainFactory>().GetGrain<INotesGrain>("a").Read()).ShouldBe("from the first");
        await second.StopAsync(TestContext.Current.CancellationToken);
    }

    private static async Task<IHost> StartAsync(string path)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.UseOrleans(silo => silo
            .Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = ("vallum", "vallum"))
            .ConfigureEndpoints(IPAddress.Loopback, FreePort.Next(), FreePort.Next())
            .UseSqliteClustering(options => options.Path = path)
            .AddSqliteGrainStorage("Default", options => options.Path = path));
        var host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
        return host;
    }
}

/// <summary>Keeps a text, by key.</summary>
[Alias("vallum.tests.INotesGrain")]
public interface INotesGrain : IGrainWithStringKey
{
    [Alias("Write")]
    Task Write(string text);

    [Alias("Read")]
    Task<string> Read();
}

internal sealed class NotesGrain([PersistentState("note")] IPersistentState<Note> note) : Grain, INotesGrain
{
    public Task Write(string text)
    {
        note.State = new Note { Text = text };
        return note.WriteStateAsync();
    }

    public Task<string> Read() => Task.FromResult(note.State.Text);
}
