using Vallum.Contracts.Api.V1;
using Vallum.Manifests.Parsing;
using Vallum.Scenarios.Grounds;
using Vallum.Scenarios.Worlds;
using Vallum.Workloads;
using ChangeKind = Vallum.Workloads.ChangeKind;

namespace Vallum.Scenarios.Days;

/// <summary>What happens in the world, drawn from its seed: each operation is the next thing.</summary>
internal abstract class ChurnScenario : WorldScenario
{
    private readonly Lock _gate = new();
    private readonly ChangeOrder _order = new();
    private Churn? _churn;
    private Random _dice = new(0);

    public override async Task PrepareAsync(Ground ground, CancellationToken cancellationToken)
    {
        await base.PrepareAsync(ground, cancellationToken);
        _churn = World.Churn();
        _dice = new Random(unchecked((int)ground.Seed));
    }

    /// <param name="kind">Drawn by the scenario from a number below 100; it comes to pass where it can.</param>
    protected async Task<Outcome> ChangeAsync(long number, Func<int, ChangeKind> kind, CancellationToken cancellationToken)
    {
        ApplyRequest request;
        ChangeKind done;
        Turn turn;
        lock (_gate)
        {
            var change = _churn!.Next(kind(_dice.Next(100)));
            done = change.Kind;
            request = new ApplyRequest
            {
                Objects = { change.Edits.Select(edit => edit.Message()).OfType<Contracts.Api.V1.Object>() },
                Deletes = { change.Edits.Select(edit => edit.RemovedName()).OfType<string>() },
            };
            turn = _order.Next([.. request.Objects.Select(one => one.NameOf()), .. request.Deletes]);
        }

        try
        {
            await turn.Begin;
            return await ApplyAsync(number, request, WordOf(done), cancellationToken);
        }
        finally
        {
            turn.End();
        }
    }

    private static string WordOf(ChangeKind kind) => kind switch
    {
        ChangeKind.PolicyChanged => "policy changed",
        ChangeKind.EndpointRelabelled => "endpoint relabelled",
        ChangeKind.EndpointGoes => "endpoint goes",
        ChangeKind.EndpointComes => "endpoint comes",
        _ => kind.ToString(),
    };
}
