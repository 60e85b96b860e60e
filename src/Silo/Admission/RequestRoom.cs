namespace Vallum.Silo.Admission;

/// <summary>The bytes that requests may take together.</summary>
internal sealed class RequestRoom(long bytes)
{
    private long _left = bytes;

    public bool TryTake(long taken)
    {
        if (Interlocked.Add(ref _left, -taken) >= 0)
        {
            return true;
        }

        Give(taken);
        return false;
    }

    public void Give(long taken) => Interlocked.Add(ref _left, taken);
}
