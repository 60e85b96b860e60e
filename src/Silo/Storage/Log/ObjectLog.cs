using System.Collections.Immutable;
using Orleans.Storage;
using Vallum.Silo.Storage.Log.History;

namespace Vallum.Silo.Storage.Log;

/// <summary>
/// The durable objects of one owner: an append log with a snapshot behind it, as rows of plain grain storage. A batch is durable, whole, when
/// <see cref="AppendAsync"/> returns; batches that wait while a row is written go into the next row write together. Knows nothing of what it stores.
/// </summary>
/// <remarks>
/// One owner at a time: who opens the log ends the one before, whose next append fails. After any failure of the storage the log is
/// <see cref="IsFaulted"/>: a write may have happened or not, and the owner must drop the log and open it again. Safe for several threads; within a grain it
/// stays on the grain's scheduler.
/// </remarks>
internal sealed class ObjectLog
{
    private const int ViewsPerQuestion = 8;

    private readonly object _gate = new();
    private readonly LogContents _contents;
    private readonly LogCompaction _compaction;
    private readonly ObjectLogOptions _options;
    private readonly Queue<PendingBatch> _queue = [];
    private readonly Dictionary<string, PendingBatch> _pendingRequests = [];
    private readonly TaskCompletionSource<Exception> _faulted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private LogState _head;
    private LogState _committed;
    private TaskCompletionSource? _looping;
    private bool _closed;
    private long _batches;
    private long _changes;
    private long _appends;
    private long _compactions;

    private ObjectLog(LogContents contents, ObjectLogOptions options, TimeProvider time)
    {
        (_contents, _options, Epoch) = (contents, options, contents.Manifest.Epoch);
        _compaction = new LogCompaction(contents, options, time);
        _head = _committed = contents.Committed;
    }

    /// <summary>Counts the openings: greater than that of every owner before.</summary>
    public long Epoch { get; }

    /// <summary>The state that is durable: what readers may be told.</summary>
    public LogState Committed => Volatile.Read(ref _committed);

    /// <summary>The state after all batches that were appended, durable or not yet: what the next batch is decided on.</summary>
    public LogState Head => Volatile.Read(ref _head);

    /// <summary>Completes, with the storage's exception, when the log can no longer be used.</summary>
    public Task<Exception> Faulted => _faulted.Task;

    public bool IsFaulted => _faulted.Task.IsCompleted;

    /// <summary>A watcher that has seen this revision, or a later one, can be served from <see cref="BatchesAfter"/>.</summary>
    public long DroppedRevision
    {
        get
        {
            lock (_gate)
            {
                return _contents.Retained.DroppedRevision;
            }
        }
    }

    public ObjectLogCounters Counters
    {
        get
        {
            lock (_gate)
            {
                var rows = _contents.Rows;
                return new ObjectLogCounters(_batches, _changes, _appends, rows.Writes, rows.Reads, rows.Clears, _compactions);
            }
        }
    }

    /// <summary>Takes the log of a grain from whoever had it, or begins it.</summary>
    /// <exception cref="InconsistentStateException">Another opens it at the same time.</exception>
    public static async Task<ObjectLog> OpenAsync(IGrainStorage storage, GrainId grainId, TimeProvider time, ObjectLogOptions? options = null)
    {
        options ??= new ObjectLogOptions();
        var recovery = new LogRecovery(new LogRows(storage, grainId, options.Prefix), options, time);
        return new ObjectLog(await recovery.OpenAsync(), options, time);
    }

    /// <summary>
    /// Appends a batch. <see cref="Head"/> has it when this call returns its task, and <see cref="Committed"/> when the task completes.
    /// </summary>
    /// <exception cref="ArgumentException">The batch is too large, its revision is not after <see cref="Head"/>, or its request is known.</exception>
    /// <exception cref="ObjectLogFaultedException">The log has failed before. (If it fails now, the task has the storage's own exception.)</exception>
    public Task AppendAsync(Batch batch)
    {
        PendingBatch pending;
        TaskCompletionSource? started = null;
        lock (_gate)
        {
            Check(batch);
            _head = _head.With(batch);
            pending = new PendingBatch(batch, _head);
            _queue.Enqueue(pending);
            if (batch.RequestId is { } requestId)
            {
                _pendingRequests.Add(requestId, pending);
            }

            if (_looping is null)
            {
                _looping = started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }

        if (started is not null)
        {
            _ = RunAsync(started);
        }

        return pending.Durable;
    }

    /// <summary>What a request was answered, if it was done before; waits when it is being made durable just now. Null when it is not known.</summary>
    public async Task<RememberedRequest?> FindRequestAsync(string requestId)
    {
        PendingBatch? pending;
        lock (_gate)
        {
            if (!_pendingRequests.TryGetValue(requestId, out pending))
            {
                return _contents.Requests.Find(requestId);
            }
        }

        await pending.Durable;
        lock (_gate)
        {
            return _contents.Requests.Find(requestId);
        }
    }

    /// <summary>The durable batches after a revision, oldest first; null when some are no longer kept: the watcher must take the whole state.</summary>
    public ImmutableArray<Batch>? BatchesAfter(long revision)
    {
        lock (_gate)
        {
            return _contents.Retained.After(revision);
        }
    }

    /// <summary>What was done, newest first, as far back as it is remembered. Reads rows, a bounded number: the answer may be short and tell where to go on.</summary>
    /// <exception cref="InconsistentStateException">Another owner has the log.</exception>
    public async Task<HistoryPage> HistoryAsync(HistoryQuery query)
    {
        for (var attempt = 1; ; attempt++)
        {
            HistoryView view;
            lock (_gate)
            {
                view = HistoryView.Of(_contents);
            }

            if (await new HistoryReader(_contents.Rows, _options.History, view, query).ReadAsync() is { } page)
            {
                return page;
            }

            // A compaction has dropped a log row meanwhile: what it said is in the history by now. That happens once or twice to an owner.
            if (attempt == ViewsPerQuestion)
            {
                throw new InconsistentStateException($"Grain {_contents.Rows.GrainId}: rows of the log are gone that its owner has not dropped.");
            }
        }
    }

    /// <summary>Makes durable what was appended and takes no more. What a compaction has not finished, the next owner's will.</summary>
    public async Task CloseAsync()
    {
        Task running;
        lock (_gate)
        {
            _closed = true;
            running = _looping?.Task ?? Task.CompletedTask;
        }

        await running;
    }

    private void Check(Batch batch)
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        if (IsFaulted)
        {
            throw new ObjectLogFaultedException("The log must be opened again: a storage call failed.", _faulted.Task.Result);
        }

        if (batch.Revision <= _head.Revision)
        {
            throw new ArgumentException($"Revision {batch.Revision} is not after {_head.Revision}.", nameof(batch));
        }

        if (batch.Bytes > _options.BatchBytes)
        {
            throw new ArgumentException($"The batch has {batch.Bytes} bytes; at most {_options.BatchBytes} are taken.", nameof(batch));
        }

        if (batch.RequestId is { } requestId && (_pendingRequests.ContainsKey(requestId) || _contents.Requests.Find(requestId) is not null))
        {
            throw new ArgumentException($"Request {requestId} was done before: ask for its outcome first.", nameof(batch));
        }
    }

    /// <summary>The one writer: flushes what waits, and goes on with a compaction, a step between two flushes, until there is nothing to do. Never throws.</summary>
    private async Task RunAsync(TaskCompletionSource ended)
    {
        IAsyncEnumerator<int>? compaction = null;
        List<PendingBatch> group = [];
        try
        {
            while (TakeGroup(group, compaction is not null))
            {
                if (group.Count > 0)
                {
                    await FlushAsync(group);
                }

                if (compaction is null && _compaction.IsDue)
                {
                    compaction = _compaction.StepsAsync().GetAsyncEnumerator();
                }

                if (compaction is not null && !await compaction.MoveNextAsync())
                {
                    await compaction.DisposeAsync();
                    compaction = null;
                    Interlocked.Increment(ref _compactions);
                }
            }
        }
        catch (Exception exception)
        {
            Fault(exception, group);
        }
        finally
        {
            if (compaction is not null)
            {
                await compaction.DisposeAsync();
            }

            ended.SetResult();
        }
    }

    /// <summary>Takes the batches of the next row write; false ends the loop.</summary>
    private bool TakeGroup(List<PendingBatch> group, bool compacting)
    {
        group.Clear();
        lock (_gate)
        {
            for (var bytes = 0; bytes < _options.FlushBytes && _queue.TryDequeue(out var next);)
            {
                group.Add(next);
                bytes += next.Batch.Bytes;
            }

            if (group.Count > 0 || (compacting && !_closed))
            {
                return true;
            }

            _looping = null;
            return false;
        }
    }

    private async Task FlushAsync(List<PendingBatch> group)
    {
        await _contents.Tail.AppendAsync([.. group.Select(pending => pending.Batch)]);
        lock (_gate)
        {
            foreach (var pending in group)
            {
                _contents.Follow(pending.Batch);
                _changes += pending.Batch.Changes.Length;
                if (pending.Batch.RequestId is { } requestId)
                {
                    _pendingRequests.Remove(requestId);
                }
            }

            _batches += group.Count;
            _appends++;
            _contents.Committed = _committed = group[^1].After;
        }

        foreach (var pending in group)
        {
            pending.Complete();
        }

        group.Clear();
    }

    private void Fault(Exception exception, List<PendingBatch> group)
    {
        lock (_gate)
        {
            group.AddRange(_queue);
            _queue.Clear();
            _pendingRequests.Clear();
            _faulted.TrySetResult(exception);
        }

        foreach (var pending in group)
        {
            pending.Fail(exception);
        }
    }
}
