using System.Collections.Concurrent;
using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Vallum.Lab;

/// <summary>
/// One thread that lives in a network namespace. A socket belongs for ever to the namespace of the thread that made it, so sockets
/// are made here and may then be used by any thread.
/// </summary>
public sealed class NamespaceThread : IDisposable
{
    private readonly BlockingCollection<Action> _work = [];
    private readonly Thread _thread;
    private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private NamespaceThread(string name)
    {
        _thread = new Thread(() => Live(name)) { IsBackground = true, Name = name };
    }

    /// <summary>Starts the thread and returns once it is inside the namespace.</summary>
    /// <exception cref="Win32Exception">setns(2) refused; the message says why.</exception>
    public static async Task<NamespaceThread> EnterAsync(string name)
    {
        var thread = new NamespaceThread(name);
        thread._thread.Start();
        await thread._entered.Task;
        return thread;
    }

    /// <summary>Runs <paramref name="work"/> inside the namespace; short work only, it queues behind the others.</summary>
    public Task<T> RunAsync<T>(Func<T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _work.Add(() =>
        {
            try
            {
                done.SetResult(work());
            }
            catch (Exception failure)
            {
                done.SetException(failure);
            }
        });
        return done.Task;
    }

    public Task RunAsync(Action work) => RunAsync(() =>
    {
        work();
        return true;
    });

    public void Dispose()
    {
        _work.CompleteAdding();
        // An open namespace outlives its name while a thread is inside, so leave before the name goes.
        _thread.Join(TimeSpan.FromSeconds(5));
    }

    private void Live(string name)
    {
        try
        {
            using var handle = File.OpenHandle(NamespaceNames.PathOf(name));
            if (Libc.SetNamespace((int)handle.DangerousGetHandle(), Libc.NewNetworkNamespace) != 0)
            {
                throw new Win32Exception(Marshal.GetLastPInvokeError(), $"cannot enter {name}: {Marshal.GetLastPInvokeErrorMessage()}");
            }
            _entered.SetResult();
        }
        catch (Exception failure)
        {
            _entered.SetException(failure);
            return;
        }
        foreach (var work in _work.GetConsumingEnumerable())
        {
            work();
        }
    }
}
