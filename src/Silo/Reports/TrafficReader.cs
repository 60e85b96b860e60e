using System.Collections.Immutable;
using Google.Protobuf;
using Vallum.Cluster;
using Vallum.Contracts.Api.V1;

namespace Vallum.Silo.Reports;

/// <summary>Asks all silos, and puts their answers together. A silo that does not answer in time is left out: figures then lack its nodes.</summary>
internal sealed partial class TrafficReader(TrafficSilos silos, TimeProvider time, ILogger<TrafficReader> logger)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(2);

    /// <summary>In the order of <paramref name="policies"/>; null: no node has said anything.</summary>
    public async Task<ImmutableArray<PolicyHits?>> HitsAsync(ImmutableArray<string> policies, bool rules)
    {
        var answers = await AskAsync(s => s.Hits(policies, rules));
        var sums = new PolicyHits?[policies.Length];
        foreach (var answer in answers)
        {
            for (var i = 0; i < policies.Length; i++)
            {
                if (answer[i].Length > 0)
                {
                    sums[i] = TrafficMerge.Of(sums[i], PolicyHits.Parser.ParseFrom(answer[i]));
                }
            }
        }

        return [.. sums];
    }

    public async Task<Top> TopAsync(GetTopRequest request)
    {
        var bytes = request.ToByteArray();
        var parts = await AskAsync(s => s.Top(bytes));
        var top = TrafficMerge.Of(request, parts.Select(Top.Parser.ParseFrom));
        top.Time = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(time.GetUtcNow());
        return top;
    }

    public async Task<ImmutableArray<T>> AskAsync<T>(Func<ITrafficService, Task<T>> question)
        where T : notnull
    {
        var answers = await Task.WhenAll(silos.Active.Select(async silo =>
        {
            try
            {
                return (Answered: true, Answer: await question(silos.At(silo)).WaitAsync(Deadline, time));
            }
            catch (Exception exception)
            {
                NotAnswered(logger, silo, exception);
                return (Answered: false, Answer: default(T)!);
            }
        }));
        return [.. answers.Where(a => a.Answered).Select(a => a.Answer)];
    }

    [LoggerMessage(EventId = 1402, Level = LogLevel.Warning, Message = "Silo {Silo} did not say what its nodes have counted; figures lack them")]
    private static partial void NotAnswered(ILogger logger, SiloAddress silo, Exception exception);
}
