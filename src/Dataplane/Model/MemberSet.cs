using System.Collections;
using System.Collections.Immutable;

namespace Vallum.Dataplane.Model;

/// <summary>
/// An immutable set of members, each with the number of those who want it there: it goes with the last of them. The difference of two sets of one
/// origin costs what changed between them and not what is in them.
/// </summary>
public sealed class MemberSet : IReadOnlyCollection<SetMember>
{
    public static readonly MemberSet Empty = new(PersistentDictionary<SetMember, int>.Empty);

    private readonly PersistentDictionary<SetMember, int> _counts;

    private MemberSet(PersistentDictionary<SetMember, int> counts) => _counts = counts;

    public int Count => _counts.Count;

    public static MemberSet Of(IEnumerable<SetMember> members)
    {
        var counts = PersistentDictionary<SetMember, int>.Empty.ToBuilder();
        foreach (var member in members)
        {
            counts.Set(member, 1);
        }

        return counts.Count == 0 ? Empty : new MemberSet(counts.ToDictionary());
    }

    /// <summary>What to add to <paramref name="from"/> and what to remove from it to have <paramref name="to"/>; both sorted.</summary>
    public static MemberChange Between(MemberSet from, MemberSet to)
    {
        var added = new List<SetMember>();
        var removed = new List<SetMember>();
        foreach (var difference in PersistentDictionary.Between(from._counts, to._counts))
        {
            if (!difference.WasThere)
            {
                added.Add(difference.Key);
            }
            else if (!difference.IsThere)
            {
                removed.Add(difference.Key);
            }
        }

        added.Sort();
        removed.Sort();
        return added.Count + removed.Count == 0 ? MemberChange.None : new MemberChange([.. added], [.. removed]);
    }

    public bool Contains(SetMember member) => _counts.ContainsKey(member);

    public bool SetEquals(MemberSet other) =>
        ReferenceEquals(this, other) || (Count == other.Count && this.All(other.Contains));

    public MemberSet With(IEnumerable<SetMember> added, IEnumerable<SetMember> removed)
    {
        var counts = _counts.ToBuilder();
        foreach (var member in removed)
        {
            counts.Remove(member);
        }

        foreach (var member in added)
        {
            if (!counts.TryGetValue(member, out _))
            {
                counts.Set(member, 1);
            }
        }

        return Made(counts);
    }

    /// <summary>How many want the member; 0 when it is not there.</summary>
    public int CountOf(SetMember member) => _counts.TryGetValue(member, out var count) ? count : 0;

    /// <summary>Adds to the counts.</summary>
    /// <exception cref="InvalidOperationException">One would fall below zero: somebody takes back what he did not give.</exception>
    public MemberSet Counted(IEnumerable<(SetMember Member, int Change)> changes)
    {
        var counts = _counts.ToBuilder();
        foreach (var (member, change) in changes)
        {
            counts.TryGetValue(member, out var before);
            var after = before + change;
            if (after < 0)
            {
                throw new InvalidOperationException($"{member} is counted {after} times");
            }

            if (after == 0)
            {
                counts.Remove(member);
            }
            else if (after != before)
            {
                counts.Set(member, after);
            }
        }

        return Made(counts);
    }

    public IEnumerator<SetMember> GetEnumerator() => _counts.Keys.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private MemberSet Made(PersistentDictionary<SetMember, int>.Builder counts)
    {
        var made = counts.ToDictionary();
        return ReferenceEquals(made, _counts) ? this : new MemberSet(made);
    }
}

/// <summary>Members that come and go.</summary>
public readonly record struct MemberChange(ImmutableArray<SetMember> Added, ImmutableArray<SetMember> Removed)
{
    public static readonly MemberChange None = new([], []);

    public bool IsNone => Added.IsDefaultOrEmpty && Removed.IsDefaultOrEmpty;
}
