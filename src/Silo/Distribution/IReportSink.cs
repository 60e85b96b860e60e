using Vallum.Contracts.Agent.V1;

namespace Vallum.Silo.Distribution;

/// <summary>Who is told what agents report about traffic. Neither call waits for anything.</summary>
internal interface IReportSink
{
    void Take(string node, string session, NodeReport report);

    /// <summary>The session's stream has ended; reports of it may not come any more.</summary>
    void Ended(string node, string session);
}
