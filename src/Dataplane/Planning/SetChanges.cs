using Vallum.Dataplane.Kernel;
using Vallum.Dataplane.Model;

namespace Vallum.Dataplane.Planning;

/// <summary>
/// Members by phase, so that a flow allowed before and after a change is never dropped in it and one denied before and after never passes:
/// before the rules what denies, then what allows; after them the removals, in reverse.
/// </summary>
internal sealed class SetChanges
{
    private readonly List<string> _creates = [];
    private readonly List<string>[] _before = [[], [], []];
    private readonly List<string>[] _after = [[], [], []];

    public IEnumerable<string> BeforeRules => _creates.Concat(_before.SelectMany(l => l));

    public IEnumerable<string> AfterRules => _after.SelectMany(l => l);

    public void Create(KernelSet set)
    {
        _creates.Add(set.CreateLine);
        _creates.AddRange(set.Members.Order().Select(m => Add(set, m)));
    }

    public void Change(KernelSet there, KernelSet wanted)
    {
        if (there.Type != wanted.Type || there.Family != wanted.Family)
        {
            // Somebody took our name. If our rules name that set the kernel refuses, and the refusal says so.
            _creates.Add($"destroy {there.Name}");
            Create(wanted);
            return;
        }

        var change = MemberSet.Between(there.Members, wanted.Members);
        if (wanted.Role == SetRole.Gate)
        {
            ChangeGate(there, wanted, change);
            return;
        }

        var denies = wanted.Role == SetRole.Deny;
        _before[denies ? 0 : 1].AddRange(change.Added.Select(m => Add(wanted, m)));
        _after[denies ? 2 : 1].AddRange(change.Removed.Select(m => Remove(wanted, m)));
    }

    /// <summary>
    /// An address that is known before and after (it moved to another interface) is known throughout; a new one only when the rules judge it; a lost
    /// one no longer when they cease to.
    /// </summary>
    private void ChangeGate(KernelSet there, KernelSet wanted, MemberChange change)
    {
        if (change.IsNone)
        {
            return;
        }

        var known = there.Members.Select(m => m.Net).ToHashSet();
        var stays = wanted.Members.Select(m => m.Net).ToHashSet();
        foreach (var member in change.Added)
        {
            (known.Contains(member.Net) ? _before[2] : _after[0]).Add(Add(wanted, member));
        }

        foreach (var member in change.Removed)
        {
            (stays.Contains(member.Net) ? _after[1] : _before[2]).Add(Remove(wanted, member));
        }
    }

    // A member is named by its key alone: to delete one that is a nomatch the word must be absent.
    private static string Remove(KernelSet set, SetMember member) => $"del {set.Name} {member with { NoMatch = false }}";

    private static string Add(KernelSet set, SetMember member) => $"add {set.Name} {member}";
}
