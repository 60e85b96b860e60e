using System.Collections.Immutable;
using Vallum.Scenarios.Profiles;

namespace Vallum.Load.OpenLoop;

/// <summary>When each operation should start. Said before the run, and never changed by how it goes.</summary>
internal sealed class Schedule
{
    private readonly ImmutableArray<Piece> _pieces;

    private Schedule(ImmutableArray<Piece> pieces) => _pieces = pieces;

    /// <summary>Operations in all.</summary>
    public long Count => _pieces.IsEmpty ? 0 : _pieces[^1].LastCount;

    public static Schedule Of(LoadProfile profile)
    {
        var pieces = ImmutableArray.CreateBuilder<Piece>();
        if (profile.WarmUp > TimeSpan.Zero)
        {
            pieces.Add(new Piece(0, 0, profile.Stages[0].Rate, profile.Stages[0].Rate, profile.WarmUp.TotalSeconds));
        }

        var before = 0.0;
        foreach (var stage in profile.Stages)
        {
            var (begin, count) = pieces.Count == 0 ? (0, 0) : (pieces[^1].Begin + pieces[^1].Seconds, pieces[^1].LastCount);
            pieces.Add(new Piece(begin, count, stage.Ramp ? before : stage.Rate, stage.Rate, stage.Duration.TotalSeconds));
            before = stage.Rate;
        }

        return new Schedule(pieces.DrainToImmutable());
    }

    /// <summary>Of an operation below <see cref="Count"/>, since the run's start.</summary>
    public TimeSpan StartOf(long number)
    {
        var at = 0;
        while (_pieces[at].LastCount <= number)
        {
            at++;
        }

        return _pieces[at].StartOf(number);
    }

    /// <param name="Begin">Seconds since the run's start.</param>
    /// <param name="FirstCount">Operations before it.</param>
    /// <param name="From">Operations a second at its begin, and <paramref name="To"/> at its end.</param>
    private sealed record Piece(double Begin, long FirstCount, double From, double To, double Seconds)
    {
        public long LastCount => FirstCount + (long)Math.Floor(((From + To) / 2 * Seconds) + 1e-6);

        public TimeSpan StartOf(long number)
        {
            // Until t seconds into it, From t + (To - From) t² / (2 Seconds) operations are due: solved for t in the form that also holds where From = To.
            double due = number - FirstCount;
            var bend = (To - From) / (2 * Seconds);
            var root = Math.Sqrt((From * From) + (4 * bend * due));
            return TimeSpan.FromSeconds(Begin + (due == 0 ? 0 : 2 * due / (From + root)));
        }
    }
}
