using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Vallum.Dataplane.Kernel;
using Vallum.Dataplane.Model;

namespace Vallum.Dataplane.Planning;

/// <summary>Operations in order; steps of one set and kind that follow each other are one operation.</summary>
internal sealed class OperationList
{
    private readonly ImmutableArray<SetOperation>.Builder _operations = ImmutableArray.CreateBuilder<SetOperation>();
    private readonly ImmutableArray<SetMember>.Builder _members = ImmutableArray.CreateBuilder<SetMember>();
    private (string Set, bool Removes) _open = ("", false);

    public void Add(SetOperation operation)
    {
        Close();
        _operations.Add(operation);
    }

    public void Add(IEnumerable<SetOperation> operations)
    {
        foreach (var operation in operations)
        {
            Add(operation);
        }
    }

    public void Add(string set, IEnumerable<MemberStep> steps)
    {
        foreach (var step in steps)
        {
            if (_open != (set, step.Removes))
            {
                Close();
                _open = (set, step.Removes);
            }

            _members.Add(step.Member);
        }
    }

    /// <summary>A set and all its members.</summary>
    public void Create(KernelSet set)
    {
        Add(new SetOperation.Create(set));
        if (set.Members.Count > 0)
        {
            // In place: a sorted copy of a copy is what the collector has to move.
            SetMember[] members = [.. set.Members];
            Array.Sort(members);
            Add(new SetOperation.Add(set.Name, ImmutableCollectionsMarshal.AsImmutableArray(members)));
        }
    }

    public ImmutableArray<SetOperation> Close()
    {
        if (_members.Count > 0)
        {
            var (set, removes) = _open;
            _operations.Add(removes ? new SetOperation.Remove(set, _members.ToImmutable()) : new SetOperation.Add(set, _members.ToImmutable()));
            _members.Clear();
        }

        _open = ("", false);
        return _operations.ToImmutable();
    }
}
