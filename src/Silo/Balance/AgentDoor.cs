using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;
using Vallum.Silo.Hosting;

namespace Vallum.Silo.Balance;

/// <summary>Where agents reach this silo.</summary>
internal sealed class AgentDoor(IServer server, IOptions<SiloOptions> options)
{
    private bool IsOfSeveralMachines => SiloOptions.TryParseListen(options.Value.SiloListen, out var listen) && !IPAddress.IsLoopback(listen.Address);

    /// <summary>Such as "http://10.0.0.5:7400"; empty when it listens everywhere and nobody has said under which address it is known.</summary>
    public string Address
    {
        get
        {
            if (options.Value.AgentAddress.Length > 0)
            {
                return options.Value.AgentAddress;
            }

            // The listener's own word knows which port a free one became. The gRPC listener is the first.
            if (server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() is not { } text || !Uri.TryCreate(text, UriKind.Absolute, out var uri))
            {
                return "";
            }

            var isAddress = IPAddress.TryParse(uri.Host.Trim('[', ']'), out var address);
            var isAny = isAddress && (address!.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any));
            // Loopback is another place for agents of the other silos' machines.
            return isAddress && IPAddress.IsLoopback(address!) && IsOfSeveralMachines ? ""
                : !isAny ? uri.GetLeftPart(UriPartial.Authority)
                : IPAddress.TryParse(options.Value.Advertise, out var advertised) ? $"{uri.Scheme}://{new IPEndPoint(advertised, uri.Port)}"
                : "";
        }
    }
}
