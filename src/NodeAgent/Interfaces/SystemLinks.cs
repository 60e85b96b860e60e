using System.Collections.Immutable;
using Vallum.Dataplane.Model;

namespace Vallum.NodeAgent.Interfaces;

/// <summary>
/// Read from sysfs and procfs (Documentation/ABI/testing/sysfs-class-net: a port of a bridge has brport/bridge). Where br_netfilter is not loaded its
/// settings are not there, and bridged packets pass iptables by.
/// </summary>
/// <param name="classNet">/sys/class/net: that of the namespace in which it was mounted.</param>
/// <param name="settings">/proc/sys/net/bridge: that of this process's namespace.</param>
internal sealed class SystemLinks(string classNet = "/sys/class/net", string settings = "/proc/sys/net/bridge") : ILinks
{
    private string V4 => Path.Combine(settings, "bridge-nf-call-iptables");

    private string V6 => Path.Combine(settings, "bridge-nf-call-ip6tables");

    public Links Read(IEnumerable<string> interfaces)
    {
        var bridges = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var name in interfaces)
        {
            if (BridgeOf(name) is { } bridge)
            {
                bridges[name] = bridge;
            }
        }

        return bridges.Count == 0 ? Links.None : new Links(bridges.ToImmutable(), IsOn(V4), IsOn(V6));
    }

    public void ShowBridged()
    {
        foreach (var setting in new[] { V4, V6 })
        {
            try
            {
                if (File.Exists(setting) && !IsOn(setting))
                {
                    File.WriteAllText(setting, "1");
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // A container may see it and not write it: then it is warned of as if nobody had asked.
            }
        }
    }

    /// <summary>Null: it is no port, or is not there. Interfaces come and go while they are looked at.</summary>
    private string? BridgeOf(string name)
    {
        var link = Path.Combine(classNet, name, "brport", "bridge");
        try
        {
            return Directory.Exists(link) ? Directory.ResolveLinkTarget(link, returnFinalTarget: false)?.Name : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static bool IsOn(string setting)
    {
        try
        {
            return File.ReadAllText(setting).Trim() == "1";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
