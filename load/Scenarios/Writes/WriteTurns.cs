using Vallum.Contracts.Api.V1;

namespace Vallum.Scenarios.Writes;

/// <summary><see cref="ApiWrite"/> and <see cref="GrainWrite"/> in turns: what disturbs one of them disturbs the other as well.</summary>
internal sealed class WriteTurns : GrainWrite
{
    public override string Name => "write-turns";

    public override string Summary => "api-write and grain-write in turns, in one run";

    public override Task<Outcome> RunOnceAsync(long number, CancellationToken cancellationToken)
    {
        // In the next round of the tenants, the other way round: each tenant gets both.
        var round = number / World.Shape.Tenants;
        return (number + round) % 2 == 0
            ? ApplyAsync(number, new ApplyRequest { Objects = { Write(number) } }, "api", cancellationToken)
            : TellAsync(number, "grain");
    }
}
