namespace Vallum.Load.OpenLoop;

/// <summary>The clock of a run, and how to wait on it.</summary>
internal interface IPace
{
    /// <summary>Since the run's start.</summary>
    TimeSpan Now { get; }

    /// <summary>Returns at that time or later, at once when it is past.</summary>
    ValueTask UntilAsync(TimeSpan time, CancellationToken cancellationToken);
}
