namespace Vallum.Silo.Storage.Log;

/// <summary>A batch that waits to be durable, and the state that it makes.</summary>
internal sealed class PendingBatch(Batch batch, LogState after)
{
    private readonly TaskCompletionSource _durable = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Batch Batch => batch;

    public LogState After => after;

    public Task Durable => _durable.Task;

    public void Complete() => _durable.SetResult();

    public void Fail(Exception exception) => _durable.SetException(exception);
}
