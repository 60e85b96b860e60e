namespace Vallum.Silo.Storage.Log;

/// <summary>A storage call of this log failed earlier, so what is stored is not known; only an opening anew can tell.</summary>
public sealed class ObjectLogFaultedException : Exception
{
    public ObjectLogFaultedException()
    {
    }

    public ObjectLogFaultedException(string message)
        : base(message)
    {
    }

    public ObjectLogFaultedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
