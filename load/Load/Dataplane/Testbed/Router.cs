using System.Globalization;
using Vallum.Lab;
using Vallum.NodeAgent.Processes;
using Vallum.Primitives;

namespace Vallum.Load.Dataplane.Testbed;

/// <summary>One of the routers between the client and the server: a network namespace with rules of its own.</summary>
/// <param name="Number">From 0; the third byte of its addresses.</param>
internal sealed record Router(int Number, string Namespace)
{
    /// <summary>Of the router, towards the client.</summary>
    public const string ClientSide = "vwc";

    /// <summary>Of the router, towards the server.</summary>
    public const string ServerSide = "vws";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>The name of the client's and of the server's interface to it.</summary>
    public string Link => string.Create(CultureInfo.InvariantCulture, $"r{Number}");

    public Address Client => Address.V4(0x0A010002u + ((uint)Number << 8));

    public Address Server => Address.V4(0x0A020002u + ((uint)Number << 8));

    /// <summary>Runs commands in its namespace.</summary>
    public ProcessRunner Processes => new(Patience, "ip", "netns", "exec", Namespace);

    public byte[] ClientMac => [2, 1, 0, 0, (byte)Number, 2];

    public byte[] Mac => [2, 1, 0, 0, (byte)Number, 1];

    /// <summary>Lines of `ip -batch` in the machine's namespace: both links, each end made where it belongs.</summary>
    public IEnumerable<string> Links(string client, string server) =>
    [
        $"link add name {Link} address {Words(ClientMac)} netns {client} type veth peer name {ClientSide} address {Words(Mac)} netns {Namespace}",
        $"link add name {Link} address {ServerMac} netns {server} type veth peer name {ServerSide} address {ServerSideMac} netns {Namespace}",
    ];

    /// <summary>Neighbours are written down: nobody asks in the middle of a measurement.</summary>
    public IEnumerable<string> Own =>
    [
        "link set lo up",
        .. Side(ClientSide, "1", Words(ClientMac)),
        .. Side(ServerSide, "2", ServerMac),
    ];

    public IEnumerable<string> OfClient => Leaf("1", "2", Words(Mac));

    public IEnumerable<string> OfServer => Leaf("2", "1", ServerSideMac);

    private string ServerMac => Words([2, 2, 0, 0, (byte)Number, 2]);

    private string ServerSideMac => Words([2, 2, 0, 0, (byte)Number, 1]);

    public Task RunAsync(string program, string[] arguments, string input, CancellationToken cancellationToken) =>
        Command.RunAsync("ip", ["netns", "exec", Namespace, program, .. arguments], input, cancellationToken);

    private IEnumerable<string> Side(string device, string net, string mac) =>
    [
        $"link set {device} up",
        $"addr add 10.{net}.{Number}.1/24 dev {device}",
        $"neigh add 10.{net}.{Number}.2 lladdr {mac} dev {device} nud permanent",
    ];

    private IEnumerable<string> Leaf(string own, string other, string mac) =>
    [
        $"link set {Link} up",
        $"addr add 10.{own}.{Number}.2/24 dev {Link}",
        $"neigh add 10.{own}.{Number}.1 lladdr {mac} dev {Link} nud permanent",
        $"route add 10.{other}.{Number}.0/24 via 10.{own}.{Number}.1",
    ];

    private static string Words(byte[] mac) => string.Join(':', mac.Select(part => part.ToString("x2", CultureInfo.InvariantCulture)));
}
