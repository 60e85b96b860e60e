using System.Net;
using Vallum.Silo.Storage.Redis;

namespace Vallum.Silo.Hosting;

/// <summary>How logs are written.</summary>
internal enum LogFormat
{
    /// <summary>One line of text per event, for people.</summary>
    Plain,

    /// <summary>One JSON object per line, UTC.</summary>
    Json,
}

/// <summary>Where silos find each other, and where what they are told is kept.</summary>
internal enum ClusterKind
{
    /// <summary>A file: silos of one machine.</summary>
    Embedded,

    /// <summary>A Redis server: silos of any machines.</summary>
    Redis,
}

/// <summary>
/// What an operator decides about a silo. Read from the command line, the environment (VALLUM_…), and a JSON file, the first that says something wins.
/// </summary>
internal sealed class SiloOptions
{
    /// <summary>The section that they are bound from.</summary>
    public const string Section = "Vallum";

    /// <summary>The name of the file with everything durable, below <see cref="Data"/>.</summary>
    public const string FileName = "vallum.db";

    /// <summary>Default Embedded.</summary>
    public ClusterKind Cluster { get; set; } = ClusterKind.Embedded;

    /// <summary>
    /// Of an embedded cluster: a directory on a local disk; made when it is not there. Default: "vallum-data" below the working directory. Silos of one machine
    /// with the same directory form a cluster.
    /// </summary>
    public string Data { get; set; } = "vallum-data";

    /// <summary>Address and port for orchestrators and agents: gRPC, HTTP/2. Default 127.0.0.1:7400; port 0 takes a free one.</summary>
    public string Listen { get; set; } = "127.0.0.1:7400";

    /// <summary>Address and port for health and metrics, HTTP/1. Default 127.0.0.1:7480; port 0 takes a free one.</summary>
    public string AdminListen { get; set; } = "127.0.0.1:7480";

    /// <summary>Listens beyond this machine without TLS. Whoever reaches the port then rules the network's policies.</summary>
    public bool Insecure { get; set; }

    /// <summary>PEM file with the certificate of the gRPC listener, and its chain; empty: no TLS.</summary>
    public string TlsCertificate { get; set; } = "";

    /// <summary>PEM file with its key; needed with a certificate.</summary>
    public string TlsKey { get; set; } = "";

    /// <summary>Default Plain.</summary>
    public LogFormat Logs { get; set; } = LogFormat.Plain;

    /// <summary>
    /// Letters, digits, '-', '_', '.', 1 to 64 of them; default "vallum". In Redis the names of all keys begin with it: another name is another cluster, with
    /// objects of its own. Silos with the same file but another name form another cluster with the same objects: for tests.
    /// </summary>
    public string ClusterName { get; set; } = "vallum";

    /// <summary>See <see cref="RedisStoreOptions"/>; needed with <see cref="ClusterKind.Redis"/>.</summary>
    public string Redis { get; set; } = "";

    /// <summary>See <see cref="RedisStoreOptions"/>.</summary>
    public string RedisPasswordFile { get; set; } = "";

    /// <summary>See <see cref="RedisStoreOptions"/>.</summary>
    public string RedisTlsCa { get; set; } = "";

    /// <summary>See <see cref="RedisStoreOptions"/>.</summary>
    public string RedisTlsCertificate { get; set; } = "";

    /// <summary>See <see cref="RedisStoreOptions"/>.</summary>
    public string RedisTlsKey { get; set; } = "";

    /// <summary>How the silo is called in lists; need not be unique. Default: the host's name.</summary>
    public string Name { get; set; } = Environment.MachineName;

    /// <summary>Where agents reach the gRPC listener, such as "https://silo-1.example:7400"; empty: its own address, or <see cref="Advertise"/> where it listens on all.</summary>
    public string AgentAddress { get; set; } = "";

    /// <summary>Address and port for other silos. Default 127.0.0.1:0; port 0 takes a free one.</summary>
    public string SiloListen { get; set; } = "127.0.0.1:0";

    /// <summary>The address at which other silos reach <see cref="SiloListen"/>; empty: its own, which then must be one that others can dial.</summary>
    public string Advertise { get; set; } = "";

    /// <summary>
    /// Address and port for Orleans clients, on loopback: measurements go straight at the grains there. Empty: none. Whoever reaches it may ask grains for
    /// anything, whatever the gRPC listener would say to him. Default empty.
    /// </summary>
    public string GatewayListen { get; set; } = "";

    /// <summary>Open connections to the gRPC listener; 16 to 1,000,000, default 20,000: each agent has one.</summary>
    public int MaxConnections { get; set; } = 20_000;

    /// <summary>Until the last call is ended when the silo stops; 100 ms to 1 min, default 2 s. Streams end at once.</summary>
    public TimeSpan StopWithin { get; set; } = TimeSpan.FromSeconds(2);

    public bool HasTls => TlsCertificate.Length > 0;

    public RedisStoreOptions RedisStore => new(Redis, RedisPasswordFile, RedisTlsCa, RedisTlsCertificate, RedisTlsKey);

    public string DatabasePath => Path.Combine(Path.GetFullPath(Data), FileName);

    /// <summary>The address in "address:port", "[v6]:port" or "localhost:port".</summary>
    public static bool TryParseListen(string text, out IPEndPoint endpoint)
    {
        var local = text.StartsWith("localhost:", StringComparison.OrdinalIgnoreCase) ? $"127.0.0.1:{text["localhost:".Length..]}" : text;
        var colon = local.LastIndexOf(':');
        // IPEndPoint takes an address without a port for port 0, which here would be any free port.
        endpoint = new IPEndPoint(IPAddress.Loopback, 0);
        return colon > 0 && (local[0] == '[' || local.IndexOf(':', StringComparison.Ordinal) == colon) && ushort.TryParse(local[(colon + 1)..], out _) && IPEndPoint.TryParse(local, out endpoint!);
    }
}
