using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Vallum.Lab.Probing;
using Vallum.Lab.Sctp;

namespace Vallum.Lab;

/// <summary>
/// A small data centre of real packets in network namespaces of this machine, whose own namespace it never touches. Disposing it, or
/// the end of this process by anything but SIGKILL, removes all of it; what a killed process left is removed when the next lab is made.
/// </summary>
public sealed class PacketLab : IAsyncDisposable
{
    /// <summary>How long a probe waits where the caller does not say.</summary>
    public static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(1);

    /// <summary>Tells the labs of one process apart by name.</summary>
    private static int _made;

    private readonly NetworkPlan _plan;
    private readonly FrozenDictionary<string, LabHost> _hosts;
    private readonly Prober _prober;
    private readonly ConcurrentBag<LabProcess> _processes = [];
    private readonly ConcurrentBag<SteadyFlow> _flows = [];
    private readonly ImmutableArray<PosixSignalRegistration> _signals;
    private int _disposed;

    private PacketLab(NetworkPlan plan, IEnumerable<LabHost> hosts)
    {
        _plan = plan;
        _hosts = hosts.ToFrozenDictionary(host => host.Name);
        _prober = new Prober(
            _hosts,
            _hosts.Values.SelectMany(host => host.Addresses.Select(address => (address, host.Name))).ToFrozenDictionary(pair => pair.address, pair => pair.Name));
        AppDomain.CurrentDomain.ProcessExit += RemoveAtExit;
        // A signal that nobody handles ends a process without ProcessExit. Nothing is cancelled here: it ends as it would have.
        _signals =
        [
            .. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP }
                .Select(signal => PosixSignalRegistration.Create(signal, _ => RemoveAtExit(null, EventArgs.Empty))),
        ];
    }

    /// <summary>Where a control plane runs: it reaches the nodes' management interfaces, and no workload.</summary>
    public LabHost Control => _hosts[_plan.Control.Name];

    /// <summary>In the order of the spec.</summary>
    public IEnumerable<LabHost> Nodes => Of(HostKind.Node);

    /// <summary>In the order of the spec.</summary>
    public IEnumerable<LabHost> Workloads => Of(HostKind.Workload);

    /// <summary>In the order of the spec.</summary>
    public IEnumerable<LabHost> Outsiders => Of(HostKind.Outsider);

    /// <exception cref="KeyNotFoundException">The lab has no host of that name.</exception>
    public LabHost this[string host] => _hosts[host];

    /// <summary>Makes the lab; every host is reachable and serves when it returns.</summary>
    /// <exception cref="ArgumentException">The spec contradicts itself.</exception>
    /// <exception cref="CommandFailedException">The kernel refused a part of it; nothing is left.</exception>
    public static async Task<PacketLab> CreateAsync(LabSpec spec, CancellationToken cancellationToken = default)
    {
        var plan = NetworkPlan.From(spec, NamespaceNames.Prefix(Interlocked.Increment(ref _made)));
        await Leftovers.SweepAsync(cancellationToken);
        var made = new ConcurrentBag<LabHost>();
        try
        {
            await Command.RunAsync("ip", ["-batch", "-"], string.Join('\n', NetworkCommands.Create(plan)), cancellationToken);
            await ConfigureFabricAsync(plan, cancellationToken);
            await Task.WhenAll(plan.Hosts.Select(async host =>
            {
                var entered = new LabHost(host, await NamespaceThread.EnterAsync(host.Namespace));
                made.Add(entered);
                await entered.Thread.RunAsync(() => KernelSettings.Apply(host.Kind));
                await IpAsync(host.Namespace, NetworkCommands.Host(plan, host), cancellationToken);
            }));
            await Readiness.AwaitAsync(made, cancellationToken);
            var lab = new PacketLab(plan, made);
            await lab.ServeAsync(spec, cancellationToken);
            return lab;
        }
        catch
        {
            foreach (var host in made)
            {
                await host.Services.DisposeAsync();
                host.Thread.Dispose();
            }
            await RemoveAsync(plan, CancellationToken.None);
            throw;
        }
    }

    /// <summary>Asks all probes at once; each waits for an answer as long as <paramref name="timeout"/> says, by default <see cref="ProbeTimeout"/>.</summary>
    public Task<ProbeTable> ProbeAsync(IEnumerable<Probe> probes, TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        _prober.ProbeAsync(probes, timeout ?? ProbeTimeout, cancellationToken);

    /// <summary>A probe from one host to another host's first address of the family.</summary>
    public Probe Probe(string from, string to, ProbeProtocol protocol, int port = 0, AddressFamily family = AddressFamily.InterNetwork) =>
        new(from, this[to].AddressOf(family), protocol, port);

    /// <summary>All pairs of different workloads × services × families; <see cref="ProbeProtocol.Icmp"/> is not among them.</summary>
    public IEnumerable<Probe> AllPairs(IEnumerable<Service> services, params IEnumerable<AddressFamily> families) =>
        from source in Workloads
        from target in Workloads
        where source != target
        from service in services
        from family in families
        select Probe(source.Name, target.Name, service.Protocol, service.Port, family);

    /// <summary>The probe again and again, <paramref name="perSecond"/> times a second (500 at most), until the flow is stopped.</summary>
    public SteadyFlow StartFlow(Probe probe, int perSecond, TimeSpan? timeout = null)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(perSecond, 500);
        var flow = new SteadyFlow(_prober, probe, TimeSpan.FromSeconds(1) / perSecond, timeout ?? ProbeTimeout);
        _flows.Add(flow);
        return flow;
    }

    /// <summary>Opens a TCP connection and keeps it.</summary>
    /// <exception cref="OperationCanceledException">No connection in time.</exception>
    /// <exception cref="SocketException">The connection was refused.</exception>
    public Task<HeldConnection> ConnectAsync(string from, IPAddress to, int port, TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        HeldConnection.OpenAsync(this[from], to, port, timeout ?? ProbeTimeout, cancellationToken);

    /// <summary>A TCP connection from the host, for a client in this process, such as one of a control plane that runs in the lab.</summary>
    /// <exception cref="SocketException">The connection was refused.</exception>
    public async Task<Stream> OpenStreamAsync(string from, IPEndPoint to, CancellationToken cancellationToken = default)
    {
        var socket = await this[from].Thread.RunAsync(() => new Socket(to.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true });
        try
        {
            await socket.ConnectAsync(to, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Sends UDP datagrams with a source that is not the sender's; true if the service of the receiver heard one of them.</summary>
    /// <param name="to">A host that serves UDP on the port.</param>
    public Task<bool> IsForgedHeardAsync(
        string from, IPAddress source, string to, int port, TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        ForgedDatagram.IsHeardAsync(
            this[from], source, this[to], this[to].AddressOf(source.AddressFamily), port, timeout ?? ProbeTimeout, cancellationToken);

    /// <summary>Opens a port on all addresses of the host.</summary>
    public Task OpenAsync(string host, Service service) => this[host].Services.OpenAsync(service);

    /// <summary>Closes a port that the spec or <see cref="OpenAsync"/> opened: it refuses from then on.</summary>
    public Task CloseAsync(string host, Service service) => this[host].Services.CloseAsync(service);

    /// <summary>Runs a short command on the host and returns what it wrote to its standard output.</summary>
    /// <exception cref="CommandFailedException">Its exit code was not 0; the message holds what it said.</exception>
    public Task<string> RunAsync(string host, string program, IEnumerable<string> arguments, string input = "", CancellationToken cancellationToken = default) =>
        Command.RunAsync("ip", ["netns", "exec", this[host].Namespace, program, .. arguments], input, cancellationToken);

    /// <summary>Starts a process on the host; it ends with the lab at the latest.</summary>
    public LabProcess Start(string host, ProcessSpec spec)
    {
        var process = LabProcess.Start(this[host], spec);
        _processes.Add(process);
        return process;
    }

    /// <summary>Cuts a node off from the control host, or joins it again. Workloads notice nothing.</summary>
    public Task SetManagementLinkAsync(string node, bool up, CancellationToken cancellationToken = default) =>
        Command.RunAsync(
            "ip", ["-n", _plan.Fabric, "link", "set", NetworkCommands.ManagementPort(this[node].Plan), up ? "up" : "down"],
            cancellationToken: cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }
        AppDomain.CurrentDomain.ProcessExit -= RemoveAtExit;
        foreach (var signal in _signals)
        {
            signal.Dispose();
        }
        foreach (var flow in _flows)
        {
            await flow.DisposeAsync();
        }
        await Task.WhenAll(_processes.Select(process => process.DisposeAsync().AsTask()));
        await Task.WhenAll(_hosts.Values.Select(host => host.Services.DisposeAsync().AsTask()));
        foreach (var host in _hosts.Values)
        {
            host.Thread.Dispose();
        }
        await RemoveAsync(_plan, CancellationToken.None);
    }

    private static async Task ConfigureFabricAsync(NetworkPlan plan, CancellationToken cancellationToken)
    {
        using var thread = await NamespaceThread.EnterAsync(plan.Fabric);
        await thread.RunAsync(() => KernelSettings.Apply(null));
        await IpAsync(plan.Fabric, NetworkCommands.Fabric(plan), cancellationToken);
    }

    private static Task<string> IpAsync(string name, IEnumerable<string> lines, CancellationToken cancellationToken) =>
        Command.RunAsync("ip", ["-n", name, "-batch", "-"], string.Join('\n', lines), cancellationToken);

    private static Task RemoveAsync(NetworkPlan plan, CancellationToken cancellationToken)
    {
        HashSet<string> ours = [plan.Fabric, .. plan.Hosts.Select(host => host.Namespace)];
        return Leftovers.RemoveAsync([.. NamespaceNames.All().Where(ours.Contains)], cancellationToken);
    }

    private async Task ServeAsync(LabSpec spec, CancellationToken cancellationToken)
    {
        await Task.WhenAll(_hosts.Values.Select(async host =>
        {
            if (SctpStack.KernelHasItsOwn && host.Kind is HostKind.Workload or HostKind.Outsider)
            {
                await SctpStack.SilenceKernelAsync(host, cancellationToken);
            }
            await host.Services.StartAsync();
        }));
        await Task.WhenAll(spec.Workloads.Select(async workload =>
        {
            foreach (var service in workload.Services)
            {
                await OpenAsync(workload.Name, service);
            }
        }));
    }

    private IEnumerable<LabHost> Of(HostKind kind) => _plan.Hosts.Where(host => host.Kind == kind).Select(host => _hosts[host.Name]);

    /// <summary>The process ends with the lab standing: its threads, sockets and children end too, so only names are to be removed.</summary>
    private void RemoveAtExit(object? sender, EventArgs arguments) => RemoveAsync(_plan, CancellationToken.None).GetAwaiter().GetResult();
}
