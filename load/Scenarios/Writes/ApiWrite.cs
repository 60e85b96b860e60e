using Vallum.Contracts.Api.V1;

namespace Vallum.Scenarios.Writes;

/// <summary>As an orchestrator does it: an Apply of one object, until it is durable.</summary>
internal sealed class ApiWrite : ObjectWrite
{
    public override string Name => "api-write";

    public override string Summary => "Apply of one object, an endpoint with other labels, over gRPC until it is durable";

    public override Task<Outcome> RunOnceAsync(long number, CancellationToken cancellationToken) =>
        ApplyAsync(number, new ApplyRequest { Objects = { Write(number) } }, "", cancellationToken);
}
