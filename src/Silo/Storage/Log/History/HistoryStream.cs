namespace Vallum.Silo.Storage.Log.History;

/// <summary>Where a change is remembered. Each stream has rows and a budget of its own, so that what changes all the time pushes nothing else out.</summary>
internal enum HistoryStream
{
    /// <summary>What people change.</summary>
    Calm = 0,

    /// <summary>What machines change, many times for each change of people.</summary>
    Busy = 1,
}
