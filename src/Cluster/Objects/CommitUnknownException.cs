namespace Vallum.Cluster.Objects;

/// <summary>
/// The storage failed while a batch was written: it may or may not have been committed. A retry with the same request id tells, and does it if it was not.
/// </summary>
[GenerateSerializer, Alias("vallum.CommitUnknownException")]
public sealed class CommitUnknownException : Exception
{
    public CommitUnknownException()
    {
    }

    public CommitUnknownException(string message)
        : base(message)
    {
    }

    public CommitUnknownException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
