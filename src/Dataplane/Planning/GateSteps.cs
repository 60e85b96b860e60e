using Vallum.Dataplane.Kernel;
using Vallum.Dataplane.Model;
using Vallum.Dataplane.Reading;
using Vallum.Primitives;

namespace Vallum.Dataplane.Planning;

/// <summary>
/// Gates say which addresses are known here. A lost one leaves before all else and a new one enters after all else; one that is known before and
/// after (its interface changed) is known throughout.
/// </summary>
internal sealed class GateSteps
{
    private readonly List<(string Set, MemberStep Step)> _first = [];
    private readonly List<(string Set, MemberStep Step)> _moves = [];
    private readonly List<(string Set, MemberStep Step)> _last = [];
    private readonly HashSet<Cidr> _moved = [];

    public GateSteps(IReadOnlyList<SetChange> gates, KernelState there, KernelState wanted, TableReading before, TableReading after)
    {
        if (gates.Count == 0)
        {
            return;
        }

        var known = Known(there, before);
        var stays = Known(wanted, after);
        foreach (var gate in gates)
        {
            foreach (var step in gate.Steps)
            {
                var net = step.Member.Net;
                if (!IsAsked(step.Grows ? before : after, gate.Name, step.Member))
                {
                    // Nobody asks for it before the rules that do are in, or when those that did are gone.
                    (step.Grows ? _first : _last).Add((gate.Name, step));
                }
                else if (known.Contains(net) && stays.Contains(net))
                {
                    _moves.Add((gate.Name, step));
                    _moved.Add(net);
                }
                else
                {
                    (step.Grows ? _last : _first).Add((gate.Name, step));
                }
            }
        }
    }

    /// <summary>How many addresses are known before and after, and otherwise.</summary>
    public int Moved => _moved.Count;

    public void WriteFirst(OperationList operations) => Write(operations, _first);

    public void WriteLast(OperationList operations)
    {
        Write(operations, _moves.Where(m => m.Step.Grows));
        Write(operations, _moves.Where(m => !m.Step.Grows));
        Write(operations, _last);
    }

    /// <summary>Every block that a gate holds.</summary>
    private static HashSet<Cidr> Known(KernelState state, TableReading table) =>
        [.. table.Gates.Where(state.Sets.ContainsKey).SelectMany(name => state.Sets[name].Members).Select(m => m.Net)];

    private static void Write(OperationList operations, IEnumerable<(string Set, MemberStep Step)> steps)
    {
        foreach (var set in steps.GroupBy(s => s.Set))
        {
            operations.Add(set.Key, set.Select(s => s.Step));
        }
    }

    /// <summary>True when a rule of the table looks for the member: one of a (block, interface) is asked for by rules of that interface alone.</summary>
    private static bool IsAsked(TableReading table, string gate, SetMember member) => member.Interface is not { } name || table.Uses(gate)
        .Any(use => (use.Match.OfSource ? use.Rule.In : use.Rule.Out) is not { } pattern || Fits(pattern, name));

    private static bool Fits(string pattern, string name) =>
        pattern.EndsWith('+') ? name.StartsWith(pattern[..^1], StringComparison.Ordinal) : pattern == name;
}
