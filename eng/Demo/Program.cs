using Vallum.Demo;

// Ctrl-C ends the wait of --keep, and then everything is removed as at any other end.
using var interrupted = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    interrupted.Cancel();
};
try
{
    return await new ThreeTierDemo(Console.Out, args.Contains("--keep")).RunAsync(interrupted.Token);
}
catch (OperationCanceledException)
{
    Console.WriteLine("interrupted; everything was removed");
    return 130;
}
