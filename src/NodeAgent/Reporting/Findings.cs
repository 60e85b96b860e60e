using System.Collections.Immutable;
using Google.Protobuf.WellKnownTypes;
using Vallum.Contracts.Agent.V1;

namespace Vallum.NodeAgent.Reporting;

/// <summary>What an operator should know of this node, found by whoever found it: drift, and what is wrong with kernel and settings.</summary>
internal sealed class Findings(TimeProvider time)
{
    private const int MostDrift = 20;
    private const int MostWarnings = 20;

    // A difference may quote whole rules.
    private const int LongestWords = 500;

    private readonly Lock _lock = new();
    private ImmutableArray<DriftFinding> _drift = [];
    private ImmutableSortedDictionary<string, ImmutableArray<string>> _warnings = ImmutableSortedDictionary<string, ImmutableArray<string>>.Empty;

    /// <summary>The newest last.</summary>
    public ImmutableArray<DriftFinding> Drift
    {
        get
        {
            lock (_lock)
            {
                return _drift;
            }
        }
    }

    public ImmutableArray<string> Warnings
    {
        get
        {
            lock (_lock)
            {
                return [.. _warnings.Values.SelectMany(w => w).Take(MostWarnings)];
            }
        }
    }

    public void Found(IEnumerable<string> differences, bool repaired)
    {
        var now = Timestamp.FromDateTimeOffset(time.GetUtcNow());
        lock (_lock)
        {
            _drift = [.. _drift.AddRange(differences.Select(d => new DriftFinding { Time = now, Words = Short(d), Repaired = repaired })).TakeLast(MostDrift)];
        }
    }

    /// <summary>What <paramref name="source"/> has to say now, instead of what it said before; nothing: all is well again.</summary>
    public void Warn(string source, params ImmutableArray<string> warnings)
    {
        lock (_lock)
        {
            _warnings = warnings.IsEmpty ? _warnings.Remove(source) : _warnings.SetItem(source, [.. warnings.Select(Short)]);
        }
    }

    private static string Short(string words) => words.Length <= LongestWords ? words : words[..LongestWords] + " …";
}
