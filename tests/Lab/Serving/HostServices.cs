using System.Collections.Concurrent;
using System.Net;
using Vallum.Lab.Probing;
using Vallum.Lab.Sctp;

namespace Vallum.Lab.Serving;

/// <summary>Everything that one host answers on. An answer begins with the host's name, so that a wrong answerer is noticed.</summary>
internal sealed class HostServices(LabHost host) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<(Service Service, IPAddress Address), IAsyncDisposable> _open = [];
    private readonly ConcurrentDictionary<IPAddress, SctpStack> _sctp = [];

    /// <summary>What UDP services of this host received, each datagram's text: the only way to notice a packet with a forged source.</summary>
    public ConcurrentDictionary<string, byte> Heard { get; } = [];

    /// <summary>The SCTP of one address of the host.</summary>
    public SctpStack SctpOf(IPAddress address) => _sctp[address];

    /// <summary>Begins to speak SCTP: from then on a closed port aborts, as a kernel's would.</summary>
    public async Task StartAsync()
    {
        foreach (var address in host.Addresses)
        {
            _sctp[address] = await SctpStack.StartAsync(host, address);
        }
    }

    /// <summary>Opens the port on all addresses of the host.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">The port is taken.</exception>
    public async Task OpenAsync(Service service)
    {
        foreach (var address in host.Addresses)
        {
            _open[(service, address)] = service.Protocol switch
            {
                ProbeProtocol.Tcp => await StreamService.OpenAsync(host, address, service.Port),
                ProbeProtocol.Udp => await DatagramService.OpenAsync(host, address, service.Port),
                ProbeProtocol.Sctp => _sctp[address].Open(service.Port),
                _ => throw new ArgumentOutOfRangeException(nameof(service), service, "every host answers echo requests by itself"),
            };
        }
    }

    /// <summary>Closes the port on all addresses of the host; it refuses from then on.</summary>
    public async Task CloseAsync(Service service)
    {
        foreach (var address in host.Addresses)
        {
            if (_open.TryRemove((service, address), out var open))
            {
                await open.DisposeAsync();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var open in _open.Values.Concat(_sctp.Values))
        {
            await open.DisposeAsync();
        }
        _open.Clear();
        _sctp.Clear();
    }
}
