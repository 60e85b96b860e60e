namespace Vallum.Scenarios.Days;

/// <summary>Changes of one object one after another, in the order in which they were drawn; those of different objects at once.</summary>
internal sealed class ChangeOrder
{
    private readonly Dictionary<string, Task> _last = [];

    /// <summary>A turn behind all that these names were given to before. Not safe for several at once: the order of the calls is the order.</summary>
    public Turn Next(IReadOnlyList<string> names)
    {
        var before = names.Select(name => _last.GetValueOrDefault(name)).OfType<Task>().Where(task => !task.IsCompleted).ToList();
        var turn = new Turn(Task.WhenAll(before));
        foreach (var name in names)
        {
            _last[name] = turn.Over;
        }

        return turn;
    }
}

/// <param name="begin">When everything before it is over.</param>
internal sealed class Turn(Task begin)
{
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Begin => begin;

    public Task Over => _over.Task;

    public void End() => _over.TrySetResult();
}
