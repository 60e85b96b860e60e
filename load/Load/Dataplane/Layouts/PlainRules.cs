using System.Globalization;
using System.Text;
using Vallum.Load.Dataplane.Connections;
using Vallum.Load.Dataplane.Testbed;
using Vallum.NodeAgent.Kernel;
using Vallum.Primitives;

namespace Vallum.Load.Dataplane.Layouts;

/// <summary>What is compared with: texts of our own for iptables-restore, each loaded in one commit.</summary>
internal sealed record PlainRules(string Name, int Policies, Func<Router, int, string> Text) : Layout(Name, Policies)
{
    private const string Established = "-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n";

    /// <summary>No rule and no table: not even conntrack.</summary>
    public static readonly Layout Nothing = new PlainRules("no netfilter", 0, (_, _) => "");

    /// <summary>The baseline of every ratio: known flows pass, and one rule that accepts.</summary>
    public static readonly Layout Zero = new PlainRules(
        "0 policies", 0, (router, _) => $"*filter\n{Established}-A FORWARD -d {router.Server}/32 -j ACCEPT\nCOMMIT\n");

    /// <summary>One rule per policy in one chain.</summary>
    public static Layout Flat(int policies) => new PlainRules("flat", policies, (router, count) =>
    {
        var text = Head(router, ":SEGMENT - [0:0]\n");
        for (var i = 0; i < count; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"-A SEGMENT -p tcp -m tcp --dport {Port(i, count)} -m comment --comment policy-{i} -j ACCEPT\n");
        }

        return text.Append("COMMIT\n").ToString();
    });

    /// <summary>Romana's form of 2016: one chain per policy, and the segment's chain jumps to each.</summary>
    public static Layout Jump(int policies) => new PlainRules("jump", policies, (router, count) =>
    {
        var text = Head(router, string.Concat(Enumerable.Range(0, count).Select(i => $":P-{i} - [0:0]\n").Prepend(":SEGMENT - [0:0]\n")));
        for (var i = 0; i < count; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"-A SEGMENT -j P-{i}\n-A P-{i} -p tcp -m tcp --dport {Port(i, count)} -j ACCEPT\n");
        }

        return text.Append("COMMIT\n").ToString();
    });

    public override async Task InstallAsync(Router router, IptablesFlavour flavour, CancellationToken cancellationToken)
    {
        if (Text(router, Policies) is { Length: > 0 } text)
        {
            await router.RunAsync(new Toolset(flavour).Restore(IpFamily.V4), ["-w", "60"], text, cancellationToken);
        }
    }

    private static StringBuilder Head(Router router, string chains) =>
        new($"*filter\n{chains}{Established}-A FORWARD -d {router.Server}/32 -j SEGMENT\n-A FORWARD -j DROP\n");

    /// <summary>The last one is the server's; none of the others is.</summary>
    private static int Port(int policy, int count) => policy == count - 1 ? ResponseServer.Port : 20_000 + (policy % 40_000);
}
