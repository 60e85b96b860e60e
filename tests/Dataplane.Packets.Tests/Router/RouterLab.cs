using System.Collections.Immutable;
using System.Globalization;
using Vallum.Dataplane.Packets.Tests.Frames;
using Vallum.Lab;
using Vallum.NodeAgent.Kernel;
using Vallum.NodeAgent.Kernel.Ipset;
using Vallum.NodeAgent.Processes;
using Vallum.Primitives;

namespace Vallum.Dataplane.Packets.Tests.Router;

/// <summary>
/// A node as packets see it: a namespace that forwards between an uplink and one link per workload, and a field in which all links end. Nobody lives in
/// the field: frames are put onto its ends and heard there, and nothing answers. The node has no address of its own, so that packets to what it
/// believes to be its own pass through FORWARD too.
/// </summary>
internal sealed class RouterLab : IAsyncDisposable
{
    public const string Uplink = "up0";

    private const int UplinkNumber = 99;

    private static int _made;

    private readonly ImmutableArray<string> _links;
    private readonly Dictionary<Address, string> _routes = [];
    private readonly NamespaceThread _field;
    private NetlinkSets? _sets;
    private ImmutableDictionary<string, int> _ends = ImmutableDictionary<string, int>.Empty;

    private RouterLab(string router, string field, NamespaceThread thread, ImmutableArray<string> links)
    {
        Space = router;
        FieldSpace = field;
        _field = thread;
        _links = links;
    }

    /// <summary>The namespace that forwards.</summary>
    public string Space { get; }

    public string FieldSpace { get; }

    /// <summary>Counts of the kernel: see <see cref="KernelCounts"/>.</summary>
    public KernelCounts Counts => new(Space);

    /// <param name="links">The workloads' interfaces on the node.</param>
    public static async Task<RouterLab> CreateAsync(params IEnumerable<string> links)
    {
        Assert.SkipUnless(LabNeeds.Missing is null, LabNeeds.Missing ?? "");
        await Leftovers.SweepAsync(CancellationToken.None);
        // Numbers beyond those of the labs of packets between programs.
        var prefix = NamespaceNames.Prefix(1000 + Interlocked.Increment(ref _made));
        var (router, field) = ($"{prefix}r", $"{prefix}f");
        ImmutableArray<string> all = [.. links];
        await Command.RunAsync("ip", ["-batch", "-"], $"netns add {router}\nnetns add {field}");
        var lab = new RouterLab(router, field, await NamespaceThread.EnterAsync(field), all);
        try
        {
            await lab.WireAsync();
            return lab;
        }
        catch
        {
            await lab.DisposeAsync();
            throw;
        }
    }

    /// <summary>The node's kernel as the agent has it: sets by netlink, rules by the tools of the flavour.</summary>
    public async Task<NodeKernel> KernelAsync(IptablesFlavour flavour)
    {
        if (_sets is null)
        {
            // A socket belongs to the namespace of the thread that opens it.
            using var inside = await NamespaceThread.EnterAsync(Space);
            _sets = await inside.RunAsync(NetlinkSets.Open);
        }

        return new NodeKernel(
            _sets,
            new ToolRules(new ProcessRunner(TimeSpan.FromSeconds(120), "ip", "netns", "exec", Space), new Toolset(flavour)));
    }

    public Task<PacketSocket> SenderAsync() => PacketSocket.ForSendingAsync(_field);

    public Task<PacketSocket> ListenerAsync() => PacketSocket.ForHearingAsync(_field, TimeSpan.FromMilliseconds(20));

    /// <summary>The router's interface that a host with the address is behind.</summary>
    public string LinkOf(Address host) => _routes.GetValueOrDefault(host, Uplink);

    /// <summary>The interface of the field at the other end of the router's.</summary>
    public int EndOf(string link) => _ends[link];

    /// <summary>The link-layer address of the router's interface.</summary>
    public byte[] RouterAddress(string link) => [0x02, 0, 0, 0, 1, (byte)NumberOf(link)];

    /// <summary>From now on these addresses are behind these links, and all others behind the uplink.</summary>
    public async Task PlaceAsync(IReadOnlyDictionary<Address, string> addresses)
    {
        var gone = _routes.Where(r => addresses.GetValueOrDefault(r.Key) != r.Value).ToArray();
        var come = addresses.Where(a => _routes.GetValueOrDefault(a.Key) != a.Value).ToArray();
        if (gone.Length + come.Length == 0)
        {
            return;
        }

        await Tool.IpAsync(Space, [.. gone.Select(r => Route("del", r.Key, r.Value)), .. come.Select(r => Route("add", r.Key, r.Value))]);
        foreach (var (address, _) in gone)
        {
            _routes.Remove(address);
        }

        foreach (var (address, link) in come)
        {
            _routes[address] = link;
        }
    }

    /// <summary>What the kernel remembers of earlier flows must not decide about later ones.</summary>
    public Task ForgetFlowsAsync() => Tool.InAsync(Space, "conntrack", "-F");

    public async ValueTask DisposeAsync()
    {
        _sets?.Dispose();
        _field.Dispose();
        await Leftovers.RemoveAsync([Space, FieldSpace], CancellationToken.None);
    }

    private static string Route(string verb, Address address, string link, int number) => address.Family == IpFamily.V4
        ? $"route {verb} {address}/32 via 169.254.1.{number} dev {link} onlink"
        : $"route {verb} {address}/128 via fe80::1:{number} dev {link}";

    private string Route(string verb, Address address, string link) => Route(verb, address, link, NumberOf(link));

    private int NumberOf(string link) => link == Uplink ? UplinkNumber : _links.IndexOf(link) + 1;

    private async Task WireAsync()
    {
        string[] all = [Uplink, .. _links];
        await Command.RunAsync("ip", ["-batch", "-"], string.Join('\n', all.Select(link =>
            $"link add name {link} netns {Space} type veth peer name end{NumberOf(link)} netns {FieldSpace}")));
        using (var router = await NamespaceThread.EnterAsync(Space))
        {
            await router.RunAsync(() =>
            {
                KernelSettings.Apply(HostKind.Node);
                // A packet that leaves where it came in is no reason to tell its sender.
                File.WriteAllText("/proc/sys/net/ipv4/conf/all/send_redirects", "0");
                File.WriteAllText("/proc/sys/net/ipv4/conf/default/send_redirects", "0");
            });
        }

        await _field.RunAsync(() => File.WriteAllText("/proc/sys/net/ipv6/conf/all/disable_ipv6", "1"));
        // Without any address of its own, not even that of lo, a node takes no gateway.
        await Tool.IpAsync(Space, ["link set lo up", .. all.SelectMany(link => RouterSide(link, NumberOf(link)))]);
        await Tool.IpAsync(FieldSpace, all.Select(link => $"link set end{NumberOf(link)} up"));
        await Tool.IpAsync(Space, [
            $"route add default via 169.254.1.{UplinkNumber} dev {Uplink} onlink", $"route add default via fe80::1:{UplinkNumber} dev {Uplink}"]);
        var ends = ImmutableDictionary.CreateBuilder<string, int>();
        foreach (var link in all)
        {
            ends[link] = await PacketSocket.InterfaceAsync(_field, string.Create(CultureInfo.InvariantCulture, $"end{NumberOf(link)}"));
        }

        _ends = ends.ToImmutable();
        await Counts.InstallAsync();
    }

    /// <summary>Neighbours are written down: nobody is there to answer who has an address.</summary>
    private static IEnumerable<string> RouterSide(string link, int number) =>
    [
        $"link set {link} addrgenmode none",
        $"link set {link} address 02:00:00:00:01:{number:x2}",
        $"link set {link} up",
        $"neigh replace 169.254.1.{number} lladdr 02:00:00:00:02:{number:x2} dev {link} nud permanent",
        $"neigh replace fe80::1:{number} lladdr 02:00:00:00:02:{number:x2} dev {link} nud permanent",
    ];
}
