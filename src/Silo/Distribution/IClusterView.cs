namespace Vallum.Silo.Distribution;

/// <summary>The cluster's own objects as this silo knows them: one copy per silo, kept up to date from the cluster's feed.</summary>
public interface IClusterView
{
    /// <summary>Revision 0 and nothing in it until the first answer of the cluster's feed.</summary>
    ClusterSnapshot Current { get; }

    /// <summary>The first snapshot with a revision above <paramref name="afterRevision"/>; at once when there is one already. -1 answers <see cref="Current"/>.</summary>
    Task<ClusterSnapshot> Next(long afterRevision, CancellationToken cancellationToken);

    /// <summary>The same for who needs no snapshot. Does not throw when cancelled: it returns.</summary>
    Task Reaches(long afterRevision, CancellationToken cancellationToken);
}
