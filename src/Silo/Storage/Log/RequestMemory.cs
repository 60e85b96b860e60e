namespace Vallum.Silo.Storage.Log;

/// <summary>The requests that were done lately, so that a retry is answered and not done again. Not safe for several threads.</summary>
internal sealed class RequestMemory(ObjectLogOptions options, TimeProvider time)
{
    private readonly Dictionary<string, RememberedRequest> _byId = [];
    private readonly Queue<RememberedRequest> _oldestFirst = [];

    public int Count => _byId.Count;

    public RememberedRequest? Find(string requestId) => _byId.GetValueOrDefault(requestId);

    /// <summary>Remembers a request; one that is already known stays as it is.</summary>
    public void Add(RememberedRequest request)
    {
        if (_byId.TryAdd(request.RequestId, request))
        {
            _oldestFirst.Enqueue(request);
            Forget();
        }
    }

    /// <summary>What is remembered of the revisions after <paramref name="from"/> up to <paramref name="to"/>, oldest first.</summary>
    public IEnumerable<RememberedRequest> Between(long from, long to) =>
        _oldestFirst.SkipWhile(request => request.Revision <= from).TakeWhile(request => request.Revision <= to);

    private void Forget()
    {
        while (_oldestFirst.Count > options.RememberedRequestsLimit
            || (_oldestFirst.Count > options.RememberedRequests && time.GetUtcNow() - _oldestFirst.Peek().Time > options.RememberFor))
        {
            _byId.Remove(_oldestFirst.Dequeue().RequestId);
        }
    }
}
