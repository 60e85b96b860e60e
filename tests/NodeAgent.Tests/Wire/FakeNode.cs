using System.Collections.Immutable;
using Vallum.Dataplane.Kernel;
using Vallum.Dataplane.Planning;
using Vallum.Dataplane.Testing;
using Vallum.NodeAgent.Kernel;
using Vallum.NodeAgent.Processes;
using Vallum.Primitives;

namespace Vallum.NodeAgent.Tests.Wire;

/// <summary>The fake kernel behind the agent's door, with a fault to order.</summary>
internal sealed class FakeNode : IKernel
{
    public FakeKernel Kernel { get; } = new();

    /// <summary>What the next steps fail with, while it is set.</summary>
    public string? Fault { get; set; }

    /// <summary>A step, or a reading of rules, waits for it.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    /// <summary>What somebody else does right after a change of rules.</summary>
    public Action? Vandal { get; set; }

    public List<PlanStep> Steps { get; } = [];

    public Task<KernelState> ReadAsync(CancellationToken cancellationToken) => Task.FromResult(Kernel.Read());

    public async Task<RuleTable> ReadRulesAsync(IpFamily family, CancellationToken cancellationToken)
    {
        await Gate;
        return Kernel.Read().Rules(family);
    }

    public Task<ImmutableSortedDictionary<string, int>> CountMembersAsync(CancellationToken cancellationToken) =>
        Task.FromResult(Kernel.Read().Sets.ToImmutableSortedDictionary(s => s.Key, s => s.Value.Members.Count));

    public Task<bool> HoldsAsync(ImmutableSortedDictionary<string, KernelSet> wanted, CancellationToken cancellationToken)
    {
        var there = Kernel.Read().Sets;
        return Task.FromResult(
            there.Count == wanted.Count && wanted.Values.All(w => there.TryGetValue(w.Name, out var set) && set.Members.SetEquals(w.Members)));
    }

    public async Task RunAsync(PlanStep step, CancellationToken cancellationToken)
    {
        await Gate;
        if (Fault is not null)
        {
            throw new CommandFailedException(new Invocation("ipset", ["restore"]), 1, Fault);
        }

        Steps.Add(step);
        Kernel.Run(step);
        if (step is PlanStep.ChangeRules)
        {
            Vandal?.Invoke();
        }
    }
}
