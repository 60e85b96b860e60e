namespace Vallum.Silo.Grains.Cluster;

/// <summary>A value that is replaced whole, and that many wait for. One writes, any number read.</summary>
internal sealed class Latest<T>(T initial, Func<T, long> revisionOf)
    where T : class
{
    private volatile Node _node = new(initial);

    public T Current => _node.Value;

    public void Set(T value)
    {
        var before = _node;
        _node = new Node(value);
        before.Replaced.SetResult();
    }

    /// <summary>The first value with a revision above <paramref name="afterRevision"/>; at once when there is one already.</summary>
    public async Task<T> Next(long afterRevision, CancellationToken cancellationToken)
    {
        for (var node = _node; ; node = _node)
        {
            if (revisionOf(node.Value) > afterRevision)
            {
                return node.Value;
            }

            await node.Replaced.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Returns with the first value above <paramref name="afterRevision"/>, or when cancelled: who waits for something else too is spared the exception, which costs more than the wait.</summary>
    public async Task Reaches(long afterRevision, CancellationToken cancellationToken)
    {
        for (var node = _node; revisionOf(node.Value) <= afterRevision && !cancellationToken.IsCancellationRequested; node = _node)
        {
            await node.Replaced.Task.WaitAsync(cancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }
    }

    private sealed class Node(T value)
    {
        public T Value => value;

        public TaskCompletionSource Replaced { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
