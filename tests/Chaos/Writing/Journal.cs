namespace Vallum.Chaos.Writing;

/// <summary>
/// What was asked of one tenant, and answered. Every committed batch makes one revision, so the revision that a tenant comes to says how many batches
/// were committed: with the answered ones and those that are there, none can be missing and none can have happened twice.
/// </summary>
internal sealed class Journal(int tenant)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, long> _answers = [];
    private readonly HashSet<int> _unknownAdditions = [];
    private readonly HashSet<int> _additions = [];
    private readonly List<string> _faults = [];
    private long _lastRevision;
    private int _generation;

    public int Tenant => tenant;

    /// <summary>The revision after the first Apply.</summary>
    public long Base { get; private set; }

    /// <summary>The last that was answered; the ones before it were answered too.</summary>
    public int Generation
    {
        get
        {
            lock (_gate)
            {
                return _generation;
            }
        }
    }

    public int Answered
    {
        get
        {
            lock (_gate)
            {
                return _answers.Count;
            }
        }
    }

    public IReadOnlyList<int> Additions
    {
        get
        {
            lock (_gate)
            {
                return [.. _additions.Order()];
            }
        }
    }

    /// <summary>Additions of which it is not known whether they happened.</summary>
    public IReadOnlyList<int> UnknownAdditions
    {
        get
        {
            lock (_gate)
            {
                return [.. _unknownAdditions.Order()];
            }
        }
    }

    /// <summary>Answers that cannot be right.</summary>
    public IReadOnlyList<string> Faults
    {
        get
        {
            lock (_gate)
            {
                return [.. _faults];
            }
        }
    }

    public void Begun(long revision) => Base = revision;

    public void NoteGeneration(int generation, string requestId, long revision)
    {
        lock (_gate)
        {
            // Generations are asked for one after the other, so their revisions rise.
            if (revision <= _lastRevision)
            {
                _faults.Add($"tenant t{tenant}: generation {generation} was answered with revision {revision}, after {_lastRevision}");
            }

            (_lastRevision, _generation) = (revision, generation);
            NoteAnswer(requestId, revision);
        }
    }

    public void NoteAddition(int number, string requestId, long revision)
    {
        lock (_gate)
        {
            _additions.Add(number);
            NoteAnswer(requestId, revision);
        }
    }

    public void NoteUnknown(int number)
    {
        lock (_gate)
        {
            _unknownAdditions.Add(number);
        }
    }

    public void NoteFault(string fault)
    {
        lock (_gate)
        {
            _faults.Add(fault);
        }
    }

    private void NoteAnswer(string requestId, long revision)
    {
        if (_answers.FirstOrDefault(answer => answer.Value == revision) is { Key: { } other })
        {
            _faults.Add($"tenant t{tenant}: {requestId} and {other} were both answered with revision {revision}");
        }

        _answers.Add(requestId, revision);
    }
}
