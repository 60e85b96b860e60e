namespace Vallum.Workloads;

/// <summary>Who is in which slot of a world now. Slots are numbered through all tenants.</summary>
internal sealed class Occupancy
{
    private readonly Occupant[] _occupants;
    private readonly List<int> _taken;
    private readonly int[] _placeInTaken;
    private readonly Queue<int> _empty = [];
    private uint _nextAddress;

    public Occupancy(Shape shape)
    {
        _occupants = [.. Enumerable.Range(0, shape.Endpoints).Select(slot => new Occupant(0, (uint)slot, 0))];
        _taken = [.. Enumerable.Range(0, shape.Endpoints)];
        _placeInTaken = [.. _taken];
        _nextAddress = (uint)shape.Endpoints;
    }

    public bool IsTaken(int slot) => _placeInTaken[slot] >= 0;

    public Occupant At(int slot) => _occupants[slot];

    /// <summary>One that is taken; null when none is.</summary>
    public int? Any(ref Dice dice) => _taken.Count == 0 ? null : _taken[dice.Next(_taken.Count)];

    /// <summary>Null when all are taken, or closed.</summary>
    public int? LongestEmpty()
    {
        while (_empty.TryPeek(out var slot))
        {
            if (_placeInTaken[slot] == Free)
            {
                return slot;
            }

            _empty.Dequeue();
        }

        return null;
    }

    public void Empty(int slot)
    {
        var (place, last) = (_placeInTaken[slot], _taken[^1]);
        (_taken[place], _placeInTaken[last]) = (last, place);
        _taken.RemoveAt(_taken.Count - 1);
        _placeInTaken[slot] = Free;
        _empty.Enqueue(slot);
    }

    /// <summary>Somebody new, with an address that nobody had.</summary>
    public (int Slot, Occupant Occupant) Fill(int slot)
    {
        _occupants[slot] = new Occupant(_occupants[slot].Generation + 1, _nextAddress++, 0);
        _placeInTaken[slot] = _taken.Count;
        _taken.Add(slot);
        return (slot, _occupants[slot]);
    }

    public (int Slot, Occupant Occupant) Flip(int slot)
    {
        _occupants[slot] = _occupants[slot] with { Flips = _occupants[slot].Flips + 1 };
        return (slot, _occupants[slot]);
    }

    /// <summary>Empty slots that nobody is to take.</summary>
    public void Close(int first, int count) => Array.Fill(_placeInTaken, Closed, first, count);

    /// <summary>Closed slots that the caller is about to fill.</summary>
    public void Open(int first, int count) => Array.Fill(_placeInTaken, Free, first, count);

    private const int Free = -1;
    private const int Closed = -2;
}
