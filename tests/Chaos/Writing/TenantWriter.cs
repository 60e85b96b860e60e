using System.Diagnostics;
using System.Globalization;
using Grpc.Core;
using Vallum.Chaos.Worlds;
using Vallum.Contracts.Api.V1;

namespace Vallum.Chaos.Writing;

/// <summary>Writes to one tenant: generation after generation, each until it is answered; and beside them additions, each tried once.</summary>
internal sealed class TenantWriter(World world, Journal journal, IReadOnlyList<Uri> silos, string run) : IDisposable
{
    private readonly ApiClient _generations = new(silos, journal.Tenant);
    private readonly ApiClient _additions = new(silos, journal.Tenant + 1);

    /// <summary>Called when a generation is answered, with the time of the answer.</summary>
    public Action<int, long>? Answered { get; set; }

    public int Generation => journal.Generation;

    public int Retries => _generations.Retries;

    public async Task BeginAsync(CancellationToken cancellationToken)
    {
        var request = new ApplyRequest { Objects = { world.Begin(journal.Tenant) }, RequestId = Id("begin", 0) };
        journal.Begun(RevisionOf(await _generations.ApplyAsync(request, cancellationToken)));
    }

    /// <summary>One generation more, whatever it takes.</summary>
    public async Task WriteAsync(CancellationToken cancellationToken)
    {
        var generation = journal.Generation + 1;
        var request = new ApplyRequest { Objects = { World.At(journal.Tenant, generation) }, RequestId = Id("generation", generation) };
        var response = await _generations.ApplyAsync(request, cancellationToken);
        journal.NoteGeneration(generation, request.RequestId, RevisionOf(response));
        Answered?.Invoke(generation, Stopwatch.GetTimestamp());
    }

    /// <summary>Generations until <paramref name="stop"/>; the last one is finished.</summary>
    public async Task WriteAsync(TimeSpan pace, CancellationToken stop, CancellationToken cancellationToken)
    {
        try
        {
            while (!stop.IsCancellationRequested)
            {
                await WriteAsync(cancellationToken);
                await Task.Delay(pace, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        catch (RpcException refused)
        {
            journal.NoteFault($"tenant t{journal.Tenant}: a generation was refused: {refused.Status}");
        }
    }

    public async Task AddAsync(TimeSpan pace, CancellationToken stop, CancellationToken cancellationToken)
    {
        for (var number = 0; !stop.IsCancellationRequested; number++)
        {
            var request = new ApplyRequest { Objects = { world.Addition(journal.Tenant, number) }, RequestId = Id("addition", number) };
            try
            {
                journal.NoteAddition(number, request.RequestId, RevisionOf(await _additions.TryApplyAsync(request, cancellationToken)));
            }
            catch (RpcException exception) when (ApiClient.IsUnknown(exception.StatusCode))
            {
                journal.NoteUnknown(number);
                _additions.Next();
            }
            catch (RpcException refused)
            {
                journal.NoteFault($"tenant t{journal.Tenant}: addition {number} was refused: {refused.Status}");
            }

            await Task.Delay(pace, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public void Dispose()
    {
        _generations.Dispose();
        _additions.Dispose();
    }

    private string Id(string kind, int number) => string.Create(CultureInfo.InvariantCulture, $"{run}-t{journal.Tenant}-{kind}-{number}");

    private long RevisionOf(ApplyResponse response) => response.Revisions.Single(revision => revision.Scope == World.TenantName(journal.Tenant)).Revision;
}
