using System.Globalization;
using System.Text;
using Vallum.NodeAgent.Kernel;
using Vallum.NodeAgent.Processes;
using Vallum.Primitives;

namespace Vallum.Load.Dataplane.Updates;

/// <summary>
/// Writes a nat table of 20,000 rules again and again without a pause, as kube-proxy does when many services change; holds what lock there is meanwhile.
/// </summary>
internal sealed class NatRewriter(IptablesFlavour flavour) : IAsyncDisposable
{
    private const int Chains = 2_000;
    private const int RulesEach = 10;

    private static readonly string Table = Text();

    private readonly CancellationTokenSource _stop = new();
    private readonly ProcessRunner _processes = new(TimeSpan.FromMinutes(1));
    private readonly string _restore = new Toolset(flavour).Restore(IpFamily.V4);
    private Task _running = Task.CompletedTask;

    public int Writes { get; private set; }

    /// <summary>Returns when the table is there.</summary>
    public async Task StartAsync()
    {
        await WriteAsync();
        _running = RunAsync();
    }

    /// <summary>Nothing of the table stays.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        await _processes.RunAsync(new Invocation(_restore, ["-w", "30"], "*nat\nCOMMIT\n"), CancellationToken.None);
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            await WriteAsync();
        }
    }

    private async Task WriteAsync()
    {
        await _processes.RunAsync(new Invocation(_restore, ["--noflush", "-w", "30"], Table), CancellationToken.None);
        Writes++;
    }

    private static string Text()
    {
        var text = new StringBuilder("*nat\n");
        for (var chain = 0; chain < Chains; chain++)
        {
            text.Append(CultureInfo.InvariantCulture, $":SVC-{chain} - [0:0]\n");
        }

        for (var rule = 0; rule < Chains * RulesEach; rule++)
        {
            text.Append(CultureInfo.InvariantCulture, $"-A SVC-{rule / RulesEach} -d 172.20.{(rule >> 8) & 255}.{rule & 255}/32 -p tcp -m tcp --dport {1_000 + (rule % 60_000)} -j RETURN\n");
        }

        return text.Append("COMMIT\n").ToString();
    }
}
