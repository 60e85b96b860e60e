using System.Net;
using System.Text.RegularExpressions;

namespace Vallum.Silo.Hosting;

/// <summary>What is wrong with the settings by which silos find and reach each other, one sentence each.</summary>
internal static partial class ClusterFaults
{
    public static IEnumerable<string> Of(SiloOptions options)
    {
        if (!Name().IsMatch(options.ClusterName))
        {
            yield return $"cluster-name is '{options.ClusterName}': use 1 to 64 letters, digits, '-', '_', '.'.";
        }

        foreach (var fault in options.Cluster == ClusterKind.Redis ? options.RedisStore.Faults() : Embedded(options))
        {
            yield return fault;
        }

        if (options.Name.Length is 0 or > 64)
        {
            yield return $"name is '{options.Name}': use 1 to 64 characters.";
        }

        if (options.AgentAddress.Length > 0 && (!Uri.TryCreate(options.AgentAddress, UriKind.Absolute, out var door) || door.Scheme is not ("http" or "https")))
        {
            yield return $"agent-address is '{options.AgentAddress}': write a URL such as https://silo-1.example:7400.";
        }

        foreach (var fault in Addresses(options))
        {
            yield return fault;
        }
    }

    private static IEnumerable<string> Embedded(SiloOptions options)
    {
        if (string.IsNullOrWhiteSpace(options.Data))
        {
            yield return "data is empty: name a directory on a local disk.";
        }

        if (options.RedisStore is not { Servers: "", PasswordFile: "", TlsCa: "", TlsCertificate: "", TlsKey: "" })
        {
            yield return "a setting for redis is given, but cluster is embedded: say cluster redis.";
        }
    }

    private static IEnumerable<string> Addresses(SiloOptions options)
    {
        if (!SiloOptions.TryParseListen(options.SiloListen, out var listen))
        {
            yield return $"silo-listen is '{options.SiloListen}': write an address and a port, such as 10.0.0.5:7500; port 0 takes a free one.";
            yield break;
        }

        IPAddress? advertised = null;
        if (options.Advertise.Length > 0 && (!IPAddress.TryParse(options.Advertise, out advertised) || IsAny(advertised)))
        {
            yield return $"advertise is '{options.Advertise}': write the address at which other silos reach this one, such as 10.0.0.5, without a port.";
        }
        else if (advertised is null && IsAny(listen.Address))
        {
            yield return $"silo-listen is '{options.SiloListen}', which is no address that others can dial: say with advertise at which they reach this silo.";
        }

        if (!IPAddress.IsLoopback(listen.Address) && options.Cluster == ClusterKind.Embedded)
        {
            yield return $"silo-listen is '{options.SiloListen}', but silos over one file are on one machine: listen on loopback, or say cluster redis.";
        }
    }

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    [GeneratedRegex(@"\A[A-Za-z0-9._-]{1,64}\z")]
    private static partial Regex Name();
}
