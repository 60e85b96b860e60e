using System.Net;
using System.Net.Sockets;

namespace Vallum.Lab;

/// <summary>
/// A plan as lines for <c>ip -batch</c>. Every interface is made inside its namespace: nothing of a lab is ever seen in the namespace of
/// the machine. A workload knows one gateway, 169.254.1.1 or fe80::1, which is an address of its node's end of the pair, and its node
/// knows it by a route to its single address: between two workloads there is always a node that forwards.
/// </summary>
internal static class NetworkCommands
{
    private const string GatewayV4 = "169.254.1.1";
    private const string GatewayV6 = "fe80::1";

    /// <summary>Makes the namespaces and all pairs of interfaces; run in the namespace of the machine.</summary>
    public static IEnumerable<string> Create(NetworkPlan plan)
    {
        yield return $"netns add {plan.Fabric}";
        foreach (var host in plan.Hosts)
        {
            yield return $"netns add {host.Namespace}";
        }
        foreach (var host in plan.Hosts)
        {
            if (host.Kind is HostKind.Node or HostKind.Outsider)
            {
                yield return Pair("eth0", host.Namespace, FabricPort(host), plan.Fabric);
            }
            if (host.Kind is HostKind.Node or HostKind.Control)
            {
                yield return Pair("mgmt0", host.Namespace, ManagementPort(host), plan.Fabric);
            }
            if (host.Kind == HostKind.Workload)
            {
                yield return Pair("eth0", host.Namespace, host.NodeInterface!, plan.NodeOf(host).Namespace);
            }
        }
    }

    /// <summary>The two bridges; run in the fabric's namespace.</summary>
    public static IEnumerable<string> Fabric(NetworkPlan plan)
    {
        // Without snooping a bridge needs no multicast querier to pass neighbour solicitations.
        yield return "link add fabric type bridge mcast_snooping 0";
        yield return "link add management type bridge mcast_snooping 0";
        foreach (var host in plan.Hosts)
        {
            if (host.Kind is HostKind.Node or HostKind.Outsider)
            {
                yield return $"link set {FabricPort(host)} master fabric up";
            }
            if (host.Kind is HostKind.Node or HostKind.Control)
            {
                yield return $"link set {ManagementPort(host)} master management up";
            }
        }
        yield return "link set fabric up";
        yield return "link set management up";
    }

    /// <summary>The addresses and routes of one host; run in its namespace.</summary>
    public static IEnumerable<string> Host(NetworkPlan plan, HostPlan host) =>
    [
        "link set lo up",
        .. host.Kind switch
        {
            HostKind.Control => Control(host),
            HostKind.Node => Node(plan, host),
            HostKind.Workload => Workload(host),
            _ => Outsider(plan, host),
        },
    ];

    /// <summary>The interface of the fabric's namespace that ends the node's management interface.</summary>
    public static string ManagementPort(HostPlan host) => host.Kind == HostKind.Control ? "mc" : $"m{host.Number}";

    private static IEnumerable<string> Control(HostPlan control) =>
    [
        .. Up("mgmt0", "fe80::c:0"),
        .. control.V4.Select(address => $"addr add {address}/24 dev mgmt0"),
        .. control.V6.Select(address => $"addr add {address}/64 dev mgmt0 nodad"),
    ];

    private static IEnumerable<string> Node(NetworkPlan plan, HostPlan node) =>
    [
        .. Up("eth0", $"fe80::a:{node.Number}"),
        .. Up("mgmt0", $"fe80::a:{node.Number}"),
        $"addr add {node.V4.First()}/24 dev eth0",
        $"addr add {node.V6.First()}/64 dev eth0 nodad",
        $"addr add 172.31.0.{10 + node.Number}/24 dev mgmt0",
        $"addr add fd00:31::{10 + node.Number}/64 dev mgmt0 nodad",
        .. plan.Workloads.Where(workload => workload.Node == node.Name).SelectMany(workload => Behind(node, workload)),
        .. plan.Workloads.Where(workload => workload.Node != node.Name).SelectMany(workload => Through(plan.NodeOf(workload), workload)),
        .. plan.Outsiders.SelectMany(outsider => outsider.Addresses).Select(address => $"route add {Single(address)} dev eth0"),
    ];

    private static IEnumerable<string> Behind(HostPlan node, HostPlan workload)
    {
        var device = workload.NodeInterface!;
        return
        [
            .. Up(device, GatewayV6),
            $"addr add {GatewayV4}/32 dev {device} scope link",
            .. workload.V4.Select(address => $"route add {address}/32 dev {device} src {node.V4.First()}"),
            .. workload.V6.Select(address => $"route add {address}/128 dev {device} src {node.V6.First()}"),
        ];
    }

    private static IEnumerable<string> Workload(HostPlan workload) =>
    [
        .. Up("eth0", "fe80::2"),
        .. workload.V4.Select(address => $"addr add {address}/32 dev eth0"),
        .. workload.V6.Select(address => $"addr add {address}/128 dev eth0 nodad"),
        $"route add {GatewayV4} dev eth0 scope link",
        $"route add default via {GatewayV4} dev eth0",
        $"route add default via {GatewayV6} dev eth0",
    ];

    private static IEnumerable<string> Outsider(NetworkPlan plan, HostPlan outsider) =>
    [
        .. Up("eth0", $"fe80::b:{outsider.Number}"),
        .. outsider.V4.Select(address => $"addr add {address}/32 dev eth0"),
        .. outsider.V6.Select(address => $"addr add {address}/128 dev eth0 nodad"),
        "route add 172.30.0.0/24 dev eth0",
        "route add fd00:30::/64 dev eth0",
        .. plan.Outsiders.Where(other => other != outsider).SelectMany(other => other.Addresses).Select(address => $"route add {Single(address)} dev eth0"),
        .. plan.Workloads.SelectMany(workload => Through(plan.NodeOf(workload), workload)),
    ];

    private static IEnumerable<string> Through(HostPlan node, HostPlan workload) =>
        workload.Addresses.Select(address =>
            $"route add {Single(address)} via {(address.AddressFamily == AddressFamily.InterNetwork ? node.V4 : node.V6).First()}");

    /// <summary>
    /// A link-local address of our making: the check for duplicates of one that the kernel makes would hold the first packets back for
    /// seconds, and without any the kernel asks for no neighbour on behalf of a packet that it forwards.
    /// </summary>
    private static IEnumerable<string> Up(string device, string linkLocal) =>
        [$"link set {device} addrgenmode none", $"link set {device} up", $"addr add {linkLocal}/64 dev {device} nodad"];

    private static string Pair(string one, string oneNamespace, string other, string otherNamespace) =>
        $"link add name {one} netns {oneNamespace} type veth peer name {other} netns {otherNamespace}";

    private static string FabricPort(HostPlan host) => host.Kind == HostKind.Node ? $"d{host.Number}" : $"o{host.Number}";

    private static string Single(IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork ? $"{address}/32" : $"{address}/128";
}
