using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Vallum.Cluster;
using Vallum.Cluster.Objects;
using Vallum.Manifests.Writing;
using Vallum.Scenarios.Grounds;

namespace Vallum.Scenarios.Writes;

/// <summary>The same change as <see cref="ApiWrite"/>, told to the tenant's grain by an Orleans client: what is missing is what the API costs.</summary>
internal sealed class GrainWrite : ObjectWrite
{
    private IHost? _host;
    private IGrainFactory? _grains;

    public override string Name => "grain-write";

    public override string Summary => "the change of api-write, with Microsoft.Orleans.Client straight at the tenant's grain";

    public override async Task PrepareAsync(Ground ground, CancellationToken cancellationToken)
    {
        if (ground.Gateways.IsEmpty)
        {
            throw new InvalidOperationException($"{Name} needs a silo with --gateway-listen, and its address in --gateway");
        }

        await base.PrepareAsync(ground, cancellationToken);
        var cluster = ground.Target is Target.Address address ? address.ClusterName : "vallum";
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.Error);
        builder.UseOrleansClient(client => client
            .UseStaticClustering([.. ground.Gateways])
            .Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (cluster, cluster)));
        _host = builder.Build();
        await _host.StartAsync(cancellationToken);
        _grains = _host.Services.GetRequiredService<IGrainFactory>();
    }

    public override async Task<Outcome> RunOnceAsync(long number, CancellationToken cancellationToken)
    {
        var written = Write(number);
        var parts = written.Endpoint.Name.Split('/');
        var change = new ObjectChange(ChangeMode.Put, ObjectKind.Endpoint, parts[^1], [.. ObjectContent.Normalize(written)], "");
        try
        {
            var reply = await _grains!.GetGrain<ITenantGrain>(parts[1]).Apply(new ApplyBatch([change], $"grain-{number}", Name, ValidateOnly: false, 0, []));
            if (reply.Fault is { } fault)
            {
                return new Outcome("", fault.Kind.ToString());
            }

            Acknowledged.Answered(written, reply.Outcomes[0].After!.Revision);
            return Outcome.Done;
        }
        catch (Exception exception) when (exception is TimeoutException or OrleansException or CommitUnknownException)
        {
            Acknowledged.Unanswered([written], []);
            return new Outcome("", exception.GetType().Name);
        }
    }

    public override async ValueTask DisposeAsync()
    {
        if (_host is not null)
        {
            await _host.StopAsync();
            _host.Dispose();
        }

        await base.DisposeAsync();
    }
}
