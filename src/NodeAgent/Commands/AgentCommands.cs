using System.Collections.Immutable;
using System.CommandLine;
using Vallum.Dataplane.Rendering;
using Vallum.NodeAgent.Kernel;
using Vallum.Primitives;

namespace Vallum.NodeAgent.Commands;

/// <summary>The command line. What differs from node to node can be said in the environment too, as VALLUM_ and the option's name: the option wins.</summary>
internal sealed class AgentCommands
{
    private readonly Option<string> _node = new("--node") { Description = "name of this node (VALLUM_NODE)", DefaultValueFactory = _ => Env("NODE", Environment.MachineName) };

    private readonly Option<string> _server = new("--server")
    {
        Description = "silos, comma-separated: https://HOST:PORT, http://HOST:PORT, or HOST:PORT, which is https with TLS files (VALLUM_SERVER)",
        DefaultValueFactory = _ => Env("SERVER", "http://127.0.0.1:7400"),
    };

    private readonly Option<string?> _tlsCertificate = File("--tls-certificate", "PEM certificate that names this node, shown to silos (VALLUM_TLS_CERTIFICATE)", "TLS_CERTIFICATE");

    private readonly Option<string?> _tlsKey = File("--tls-key", "PEM key of the certificate (VALLUM_TLS_KEY)", "TLS_KEY");

    private readonly Option<string?> _tlsCa = File("--tls-ca", "PEM authorities of silos' certificates; the system's when absent (VALLUM_TLS_CA)", "TLS_CA");

    private readonly Option<string> _stateDirectory = new("--state-dir")
    {
        Description = "what was applied, and the status (VALLUM_STATE_DIR)",
        DefaultValueFactory = _ => Env("STATE_DIR", "/var/lib/vallum-agent"),
        Recursive = true,
    };

    private readonly Option<string> _iptables = new Option<string>("--iptables")
    {
        Description = "auto: the flavour that this node's rules are in (VALLUM_IPTABLES)",
        DefaultValueFactory = _ => Env("IPTABLES", "auto"),
    }.AcceptOnlyFromAmong("auto", "legacy", "nft");

    private readonly Option<string> _sets = new Option<string>("--sets")
    {
        Description = "how sets are changed; auto: by netlink where the kernel answers, else with ipset (VALLUM_SETS)",
        DefaultValueFactory = _ => Env("SETS", "auto"),
    }.AcceptOnlyFromAmong("auto", "netlink", "tools");

    private readonly Option<string[]> _workloadInterface = new("--workload-interface")
    {
        Description = "pattern of interfaces that lead to endpoints only, such as vw+: what no binding knows there is cut off (VALLUM_WORKLOAD_INTERFACE)",
        DefaultValueFactory = _ => List("WORKLOAD_INTERFACE"),
    };

    private readonly Option<string[]> _workloadBlock = new("--workload-cidr")
    {
        Description = "block of this node's endpoints: an address in it that no binding knows is cut off (VALLUM_WORKLOAD_CIDR)",
        DefaultValueFactory = _ => List("WORKLOAD_CIDR"),
    };

    private readonly Option<string> _allowed = new Option<string>("--allowed-action")
    {
        Description = "what becomes of an allowed flow: accept, or return to the rules behind ours in FORWARD (VALLUM_ALLOWED_ACTION)",
        DefaultValueFactory = _ => Env("ALLOWED_ACTION", "accept"),
    }.AcceptOnlyFromAmong("accept", "return");

    private readonly Option<bool> _keepInvalid = new("--keep-invalid")
    {
        Description = "do not drop packets that conntrack calls INVALID: for asymmetric routes (VALLUM_KEEP_INVALID=true)",
        DefaultValueFactory = _ => Env("KEEP_INVALID", "false") == "true",
    };

    private readonly Option<int?> _logGroup = new("--log-group")
    {
        Description = "NFLOG group for denied packets, at most 10 a second; none when absent",
    };

    private readonly Option<string> _failsafe = new("--failsafe")
    {
        Description = "ports that policies about the node never close, such as tcp/22,udp/161; with any, DNS and --server stay reachable; none: no such thing (VALLUM_FAILSAFE)",
        DefaultValueFactory = _ => Env("FAILSAFE", FailsafePorts.Default),
    };

    private readonly Option<string> _bridgeNetfilter = new Option<string>("--bridge-netfilter")
    {
        Description = "where endpoints are on bridges: enable what shows bridged packets to iptables, or warn where it is off (VALLUM_BRIDGE_NETFILTER)",
        DefaultValueFactory = _ => Env("BRIDGE_NETFILTER", "warn"),
    }.AcceptOnlyFromAmong("enable", "warn");

    private readonly Option<string> _fence = new Option<string>("--boot-fence")
    {
        Description = "endpoints between a boot and the rules: closed, open, or auto: closed where this node has enforced before (VALLUM_BOOT_FENCE)",
        DefaultValueFactory = _ => Env("BOOT_FENCE", "auto"),
    }.AcceptOnlyFromAmong("auto", "closed", "open");

    private readonly Option<string?> _logEvents = new("--log-events")
    {
        Description = "read the packets of the log group, and write each as a line of JSON with the policy that decides: a file, or - for stderr",
    };

    private readonly Option<int> _checkSeconds = new("--check-interval")
    {
        Description = "seconds between comparisons of the kernel with what was written; 0: never",
        DefaultValueFactory = _ => 30,
    };

    private readonly Option<int> _counterSeconds = new("--counter-interval")
    {
        Description = "seconds between readings of the rules' counters; 0: never",
        DefaultValueFactory = _ => 10,
    };

    public RootCommand Build()
    {
        Validate();
        var run = new Command("run", "enforce what the control plane says; the default");
        var cleanup = new Command("cleanup", "remove every chain and set of ours from the kernel, and nothing else") { _iptables };
        var status = new Command("status", "what is enforced, and since when the control plane is there or not");
        var version = new Command("version", "print the version");
        var root = new RootCommand("Enforces Vallum's policies on this node with iptables and ipset.") { run, cleanup, status, version, _stateDirectory };
        foreach (var command in new Command[] { root, run })
        {
            foreach (var option in new Option[]
            {
                _node, _server, _tlsCertificate, _tlsKey, _tlsCa, _iptables, _sets, _workloadInterface, _workloadBlock, _allowed, _keepInvalid, _failsafe, _bridgeNetfilter, _logGroup, _logEvents,
                _fence, _checkSeconds, _counterSeconds,
            })
            {
                command.Options.Add(option);
            }

            command.SetAction(async (result, token) =>
            {
                if (Unfit(result) is { } words)
                {
                    await Console.Error.WriteLineAsync($"error: {words}");
                    return ExitCode.Usage;
                }

                return await RunCommand.RunAsync(Read(result), Flavour(result), token);
            });
        }

        cleanup.SetAction((result, token) => CleanupCommand.RunAsync(Flavour(result), token));
        status.SetAction(result => StatusCommand.Run(result.GetRequiredValue(_stateDirectory)));
        version.SetAction(_ => Console.Out.WriteLine(Version.Text));
        return root;
    }

    private static Option<string?> File(string name, string description, string variable) =>
        new(name) { Description = description, HelpName = "FILE", DefaultValueFactory = _ => Env(variable, "") is { Length: > 0 } value ? value : null };

    /// <summary>TLS files are of use with https only, and a certificate with its key. Judged when the environment has been asked, too.</summary>
    /// <returns>Null: they fit.</returns>
    private string? Unfit(ParseResult result) =>
        result.GetValue(_tlsCertificate) is null != result.GetValue(_tlsKey) is null ? "--tls-certificate and --tls-key belong together"
        : HasTls(result) && Servers(result.GetRequiredValue(_server), tls: true)!.Value.Any(server => server.Scheme != Uri.UriSchemeHttps)
            ? "--tls-certificate and --tls-ca want https://HOST:PORT for --server: over http nothing is shown and nobody verified"
        : null;

    private bool HasTls(ParseResult result) => result.GetValue(_tlsCertificate) is not null || result.GetValue(_tlsCa) is not null;

    private static string Env(string name, string otherwise) => Environment.GetEnvironmentVariable($"VALLUM_{name}") is { Length: > 0 } value ? value : otherwise;

    private static string[] List(string name) => Env(name, "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>Null: to be detected.</summary>
    private IptablesFlavour? Flavour(ParseResult result) => result.GetRequiredValue(_iptables) switch
    {
        "legacy" => IptablesFlavour.Legacy,
        "nft" => IptablesFlavour.Nft,
        _ => null,
    };

    private AgentOptions Read(ParseResult result) => new()
    {
        Node = result.GetRequiredValue(_node),
        Servers = Servers(result.GetRequiredValue(_server), HasTls(result))!.Value,
        Tls = result.GetValue(_tlsCertificate) is { } certificate && result.GetValue(_tlsKey) is { } key ? (certificate, key) : null,
        TlsAuthorities = result.GetValue(_tlsCa),
        StateDirectory = result.GetRequiredValue(_stateDirectory),
        Fence = result.GetRequiredValue(_fence) switch
        {
            "closed" => BootFence.Closed,
            "open" => BootFence.Open,
            _ => BootFence.Auto,
        },
        CheckInterval = TimeSpan.FromSeconds(result.GetRequiredValue(_checkSeconds)),
        CounterInterval = TimeSpan.FromSeconds(result.GetRequiredValue(_counterSeconds)),
        ShowBridged = result.GetRequiredValue(_bridgeNetfilter) == "enable",
        Sets = result.GetRequiredValue(_sets) switch
        {
            "netlink" => SetsWay.Netlink,
            "tools" => SetsWay.Tools,
            _ => SetsWay.Auto,
        },
        LogEvents = result.GetValue(_logEvents),
        Render = new RenderOptions
        {
            Failsafe = FailsafePorts.Read(result.GetRequiredValue(_failsafe), Servers(result.GetRequiredValue(_server), HasTls(result))!.Value)!,
            AcceptAllowed = result.GetRequiredValue(_allowed) == "accept",
            DropInvalid = !result.GetRequiredValue(_keepInvalid),
            WorkloadInterfaces = [.. result.GetRequiredValue(_workloadInterface)],
            WorkloadBlocks = [.. result.GetRequiredValue(_workloadBlock).Select(Cidr.Parse)],
            LogGroup = result.GetValue(_logGroup),
        },
    };

    private void Validate()
    {
        _node.Validators.Add(r => Refuse(r, r.GetValueOrDefault<string>() is { Length: > 0 }, "--node is empty"));
        _server.Validators.Add(r => Refuse(r, Servers(r.GetValueOrDefault<string>()) is not null, "--server wants http://HOST:PORT, comma-separated"));
        _workloadInterface.Validators.Add(r => Refuse(
            r, (r.GetValueOrDefault<string[]>() ?? []).All(IsPattern), "--workload-interface wants an interface name of at most 15 characters, + at its end"));
        _workloadBlock.Validators.Add(r => Refuse(
            r, (r.GetValueOrDefault<string[]>() ?? []).All(b => Cidr.TryParse(b, out _)), "--workload-cidr wants a block such as 10.1.7.0/24"));
        _failsafe.Validators.Add(r => Refuse(
            r, FailsafePorts.Read(r.GetValueOrDefault<string>() ?? "", []) is not null, "--failsafe wants none, or tcp/PORT and udp/PORT, comma-separated"));
        _logGroup.Validators.Add(r => Refuse(r, r.GetValueOrDefault<int?>() is null or (>= 0 and <= 65535), "--log-group wants 0..65535"));
        _logEvents.Validators.Add(r => Refuse(r, r.GetValueOrDefault<string?>() is null or { Length: > 0 }, "--log-events wants a file, or -"));
        _checkSeconds.Validators.Add(r => Refuse(r, r.GetValueOrDefault<int>() is >= 0 and <= 86400, "--check-interval wants 0..86400 seconds"));
        _counterSeconds.Validators.Add(r => Refuse(r, r.GetValueOrDefault<int>() is >= 0 and <= 86400, "--counter-interval wants 0..86400 seconds"));
    }

    private static void Refuse(System.CommandLine.Parsing.SymbolResult result, bool unless, string words)
    {
        if (!unless)
        {
            result.AddError(words);
        }
    }

    private static bool IsPattern(string text) =>
        text.TrimEnd('+') is var name && name.Length > 0 && text.Length - name.Length <= 1 && text.Length <= 15 &&
        name.All(c => char.IsAsciiLetterOrDigit(c) || "._-@:".Contains(c, StringComparison.Ordinal));

    private static ImmutableArray<Uri>? Servers(string? text, bool tls = false)
    {
        var servers = ImmutableArray.CreateBuilder<Uri>();
        foreach (var word in (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var address = word.Contains("://", StringComparison.Ordinal) ? word : $"{(tls ? "https" : "http")}://{word}";
            if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || uri.Port <= 0)
            {
                return null;
            }

            servers.Add(uri);
        }

        return servers.Count == 0 ? null : servers.ToImmutable();
    }
}
