using Vallum.Dataplane.Kernel;
using Vallum.Dataplane.Model;

namespace Vallum.Dataplane.Planning;

/// <summary>
/// Members by phase, so that a flow allowed before and after a change is never dropped in it and one denied before and after never passes:
/// before the rules what denies, then what allows; after them the removals, in reverse.
/// </summary>
internal sealed class SetChanges
{
    private readonly List<SetOperation> _creates = [];
    private readonly List<SetOperation>[] _before = [[], [], []];
    private readonly List<SetOperation>[] _after = [[], [], []];

    public IEnumerable<SetOperation> BeforeRules => _creates.Concat(_before.SelectMany(l => l));

    public IEnumerable<SetOperation> AfterRules => _after.SelectMany(l => l);

    public void Create(KernelSet set)
    {
        _creates.Add(new SetOperation.Create(set));
        _creates.Add(new SetOperation.Add(set.Name, [.. set.Members.Order()]));
    }

    public void Change(KernelSet there, KernelSet wanted)
    {
        if (there.Type != wanted.Type || there.Family != wanted.Family)
        {
            // Somebody took our name. If our rules name that set the kernel refuses, and the refusal says so.
            _creates.Add(new SetOperation.Destroy(there.Name));
            Create(wanted);
            return;
        }

        var change = MemberSet.Between(there.Members, wanted.Members);
        if (change.IsNone)
        {
            return;
        }

        if (wanted.Role == SetRole.Gate)
        {
            ChangeGate(there, wanted, change);
            return;
        }

        var denies = wanted.Role == SetRole.Deny;
        _before[denies ? 0 : 1].Add(new SetOperation.Add(wanted.Name, change.Added));

        // A member that turned has been overwritten: its key is what was added.
        _after[denies ? 2 : 1].Add(new SetOperation.Remove(
            wanted.Name, [.. change.Removed.Where(m => !wanted.Members.Contains(m with { NoMatch = !m.NoMatch }))]));
    }

    /// <summary>
    /// An address that is known before and after (it moved to another interface) is known throughout; a new one only when the rules judge it; a lost
    /// one no longer when they cease to.
    /// </summary>
    private void ChangeGate(KernelSet there, KernelSet wanted, MemberChange change)
    {
        var known = there.Members.Select(m => m.Net).ToHashSet();
        var stays = wanted.Members.Select(m => m.Net).ToHashSet();
        _before[2].Add(new SetOperation.Add(wanted.Name, [.. change.Added.Where(m => known.Contains(m.Net))]));
        _before[2].Add(new SetOperation.Remove(wanted.Name, [.. change.Removed.Where(m => !stays.Contains(m.Net))]));
        _after[0].Add(new SetOperation.Add(wanted.Name, [.. change.Added.Where(m => !known.Contains(m.Net))]));
        _after[1].Add(new SetOperation.Remove(wanted.Name, [.. change.Removed.Where(m => stays.Contains(m.Net))]));
    }
}
