namespace Vallum.Silo.Storage.Log;

/// <summary>What a log has done since it was opened, its opening included.</summary>
/// <param name="Batches">Batches made durable.</param>
/// <param name="Changes">Changes in them.</param>
/// <param name="Appends">Row writes that made them durable.</param>
/// <param name="Writes">All row writes: appends, compaction, opening.</param>
/// <param name="Reads">Row reads.</param>
/// <param name="Clears">Row deletions.</param>
/// <param name="Compactions">Snapshots renewed.</param>
internal readonly record struct ObjectLogCounters(long Batches, long Changes, long Appends, long Writes, long Reads, long Clears, long Compactions);
