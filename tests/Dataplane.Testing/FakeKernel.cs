using System.Text;
using Vallum.Dataplane.Kernel;
using Vallum.Dataplane.Parsing;
using Vallum.Dataplane.Planning;
using Vallum.Primitives;

namespace Vallum.Dataplane.Testing;

/// <summary>
/// Sets and rules in memory behind the tools' own texts: what `ipset restore -exist` and `iptables-restore --noflush` take, what the save commands
/// print. It refuses what the kernel refuses, with an exception.
/// </summary>
public sealed class FakeKernel
{
    private readonly FakeTable _v4 = new();
    private readonly FakeTable _v6 = new();

    private readonly SortedDictionary<string, FakeSet> _sets = new(StringComparer.Ordinal);

    public KernelState Read() => new(SavedSets.Parse(SaveSets()), SavedRules.Parse(SaveRules(IpFamily.V4)), SavedRules.Parse(SaveRules(IpFamily.V6)));

    public void Run(Plan plan)
    {
        foreach (var step in plan.Steps)
        {
            Run(step);
        }
    }

    public void Run(PlanStep step)
    {
        switch (step)
        {
            case PlanStep.ChangeSets sets:
                RestoreSets(SetOperation.RestoreText(sets.Operations));
                break;
            case PlanStep.ChangeRules rules:
                RestoreRules(rules.Family, rules.Text);
                break;
            case PlanStep.DropSets drop:
                RestoreSets(string.Concat(drop.Names.Select(n => $"destroy {n}\n")));
                break;
            default:
                throw new InvalidOperationException($"unknown step {step}");
        }
    }

    public void RestoreRules(IpFamily family, string text) => Table(family).Restore(text, _sets.ContainsKey);

    public void RestoreSets(string text)
    {
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var words = line.Split(' ', 3);
            switch (words[0])
            {
                case "create" when !_sets.ContainsKey(words[1]):
                    Refuse(words[1].Length > KernelNames.LongestSet, line);
                    _sets[words[1]] = new FakeSet(words[2]);
                    break;
                case "create":
                    Refuse(_sets[words[1]].Create != words[2], line);
                    break;
                case "add":
                    var noMatch = words[2].EndsWith(" nomatch", StringComparison.Ordinal);
                    var member = noMatch ? words[2][..^" nomatch".Length] : words[2];
                    Refuse(member.Split(',')[0].EndsWith("/0", StringComparison.Ordinal) || member.Contains(' ', StringComparison.Ordinal), line);
                    var to = Set(words[1], line);
                    Refuse(!to.Contains(member) && to.Count == to.MaxMembers, line);
                    to.Add(member, noMatch);
                    break;
                case "del":
                    Refuse(words[2].Contains(' ', StringComparison.Ordinal), line);
                    Set(words[1], line).Remove(words[2]);
                    break;
                case "swap":
                    var (name, other) = (words[1], words[2]);
                    Refuse(!_sets.ContainsKey(name) || !_sets.ContainsKey(other) || _sets[name].Kind != _sets[other].Kind, line);
                    (_sets[name], _sets[other]) = (_sets[other], _sets[name]);
                    break;
                case "destroy":
                    Refuse(_v4.Names(words[1]) || _v6.Names(words[1]) || !_sets.Remove(words[1]), line);
                    break;
                default:
                    Refuse(true, line);
                    break;
            }
        }
    }

    public string SaveSets()
    {
        var text = new StringBuilder();
        foreach (var (name, set) in _sets)
        {
            text.Append("create ").Append(name).Append(' ').Append(set.Create).Append(" bucketsize 12 initval 0x1\n");
            foreach (var member in set.Saved)
            {
                text.Append("add ").Append(name).Append(' ').Append(member).Append('\n');
            }
        }

        return text.ToString();
    }

    /// <summary>What becomes of the first packet of a flow in FORWARD, where everything is accepted that no rule drops.</summary>
    public bool Forwards(Packet packet) => Passes("FORWARD", packet);

    /// <summary>Likewise in INPUT.</summary>
    public bool Receives(Packet packet) => Passes("INPUT", packet);

    /// <summary>Likewise in OUTPUT.</summary>
    public bool Sends(Packet packet) => Passes("OUTPUT", packet);

    public string SaveRules(IpFamily family) => Table(family).Save();

    private bool Passes(string builtIn, Packet packet)
    {
        var table = Table(packet.Source.Family);
        return new PacketWalk(packet, table.Walked, name => _sets[name]).Verdict(builtIn) ?? true;
    }

    private static void Refuse(bool when, string line)
    {
        if (when)
        {
            throw new InvalidOperationException($"refused: {line}");
        }
    }

    private FakeTable Table(IpFamily family) => family == IpFamily.V4 ? _v4 : _v6;

    private FakeSet Set(string name, string line)
    {
        Refuse(!_sets.ContainsKey(name), line);
        return _sets[name];
    }
}
