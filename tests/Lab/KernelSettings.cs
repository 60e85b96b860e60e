namespace Vallum.Lab;

/// <summary>The settings below <c>/proc/sys/net</c> of each kind of namespace; whether a file is there depends on the kernel.</summary>
internal static class KernelSettings
{
    /// <summary>By default no group may open one, not even root's (icmp(7)).</summary>
    private static readonly (string, string) EchoSockets = ("ipv4/ping_group_range", "0 2147483647");

    /// <summary>Writes the settings of the namespace of the calling thread.</summary>
    public static void Apply(HostKind? kind)
    {
        foreach (var (path, value) in For(kind))
        {
            var file = $"/proc/sys/net/{path}";
            if (File.Exists(file))
            {
                File.WriteAllText(file, value);
            }
        }
    }

    private static IEnumerable<(string Path, string Value)> For(HostKind? kind) =>
    [
        // A filter by route would hide whether the node's own rules stop a forged source.
        ("ipv4/conf/all/rp_filter", "0"),
        ("ipv4/conf/default/rp_filter", "0"),
        ("ipv6/conf/all/accept_dad", "0"),
        ("ipv6/conf/default/accept_dad", "0"),
        ("ipv6/conf/default/accept_ra", "0"),
        // A closed port answers each probe, not one in a second.
        ("ipv4/icmp_ratelimit", "0"),
        ("ipv4/icmp_msgs_per_sec", "100000"),
        ("ipv4/icmp_msgs_burst", "10000"),
        ("ipv6/icmp/ratelimit", "0"),
        .. kind switch
        {
            // The bridge is a cable: no rule of any namespace may look at what it carries.
            null => new (string, string)[]
            {
                ("bridge/bridge-nf-call-iptables", "0"),
                ("bridge/bridge-nf-call-ip6tables", "0"),
                ("bridge/bridge-nf-call-arptables", "0"),
            },
            HostKind.Node => [("ipv4/ip_forward", "1"), ("ipv6/conf/all/forwarding", "1"), EchoSockets],
            _ => [EchoSockets],
        },
    ];
}
