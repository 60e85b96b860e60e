using Vallum.Upgrade;

// upgrade OLD NEW WORK ADDRESS STORE [NAMESPACE NAMESPACE]: two folders with builds, one for data and logs, where silos listen, "file" or a Redis; and the
// network namespaces of two nodes, the first for the old agent.
if (args.Length is not (5 or 7))
{
    Console.Error.WriteLine("run eng/upgrade.sh");
    return 2;
}

using var interrupted = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    interrupted.Cancel();
};
var place = new Place(args[2], args[3], args[4]);
try
{
    await using var run = new UpgradeRun(new Build("old", args[0]), new Build("new", args[1]), place, [.. args.Skip(5)], Console.Out);
    return await run.RunAsync(interrupted.Token);
}
catch (OperationCanceledException) when (interrupted.IsCancellationRequested)
{
    return 130;
}
