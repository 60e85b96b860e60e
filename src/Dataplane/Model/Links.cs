using System.Collections.Immutable;
using Vallum.Primitives;

namespace Vallum.Dataplane.Model;

/// <summary>
/// Which interfaces of endpoints are ports of a bridge. What comes through a port is seen by iptables as coming from the bridge, and what stays on the
/// bridge is seen only where the kernel is told to show it (net.bridge.bridge-nf-call-iptables and -ip6tables).
/// </summary>
/// <param name="Bridges">Port → bridge.</param>
/// <param name="ShowsV4">Bridged IPv4 packets pass FORWARD.</param>
/// <param name="ShowsV6">Likewise IPv6.</param>
public sealed record Links(ImmutableSortedDictionary<string, string> Bridges, bool ShowsV4, bool ShowsV6)
{
    public static readonly Links None = new(ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal), false, false);

    /// <summary>The name that the interface has in -i and -o.</summary>
    public string Seen(string name) => Bridges.GetValueOrDefault(name, name);

    public bool IsPort(string name) => Bridges.ContainsKey(name);

    public bool Shows(IpFamily family) => family == IpFamily.V4 ? ShowsV4 : ShowsV6;

    public bool Equals(Links? other) =>
        other is not null && ShowsV4 == other.ShowsV4 && ShowsV6 == other.ShowsV6 && Bridges.SequenceEqual(other.Bridges);

    public override int GetHashCode() => HashCode.Combine(Bridges.Count, ShowsV4, ShowsV6);
}
