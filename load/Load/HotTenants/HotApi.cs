using System.Collections.Immutable;
using Grpc.Net.Client;
using Vallum.Contracts.Api.V1;
using ApiObject = Vallum.Contracts.Api.V1.Object;

namespace Vallum.Load.HotTenants;

/// <summary>Orchestrators, one at each silo.</summary>
internal sealed class HotApi(IEnumerable<string> silos) : IDisposable
{
    private readonly ImmutableArray<GrpcChannel> _channels = [.. silos.Select(GrpcChannel.ForAddress)];

    public StatusService.StatusServiceClient Status => new(_channels[0]);

    /// <param name="number">Of the call: silos take them in turns.</param>
    public async Task<ApplyResponse> ApplyAsync(int number, IEnumerable<ApiObject> objects, CancellationToken cancellationToken) =>
        await new ResourceService.ResourceServiceClient(_channels[number % _channels.Length])
            .ApplyAsync(new ApplyRequest { Objects = { objects } }, cancellationToken: cancellationToken);

    public void Dispose()
    {
        foreach (var channel in _channels)
        {
            channel.Dispose();
        }
    }
}
