using System.Globalization;
using System.Text;
using Vallum.NodeAgent.Kernel;
using Vallum.NodeAgent.Processes;
using Vallum.Primitives;

namespace Vallum.Load.Dataplane.Updates;

/// <summary>
/// Writes a nat table of 20,000 rules again and again without a pause, as kube-proxy does when many services change; holds what lock there is meanwhile.
/// </summary>
internal sealed class NatRewriter : IAsyncDisposable
{
    private const int Chains = 2_000;
    private const int RulesEach = 10;

    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    public NatRewriter(IptablesFlavour flavour) => _running = RunAsync(flavour);

    public int Writes { get; private set; }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    private async Task RunAsync(IptablesFlavour flavour)
    {
        var processes = new ProcessRunner(TimeSpan.FromMinutes(1));
        var write = new Invocation(new Toolset(flavour).Restore(IpFamily.V4), ["--noflush", "-w", "30"], Text());
        while (!_stop.IsCancellationRequested)
        {
            await processes.RunAsync(write, CancellationToken.None);
            Writes++;
        }
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
