using System.CommandLine;
using System.Net;
using Vallum.Scenarios.Grounds;

namespace Vallum.Scenarios.CommandLines;

/// <summary>Which control plane, on the command line.</summary>
internal sealed class TargetOptions
{
    private readonly Option<string> _target = new("--target")
    {
        Description = "one: a silo of its own; cluster: three, on a redis-server of its own; or URLs of silos, with commas between, such as https://silo-1.example:7400",
        DefaultValueFactory = _ => "one",
    };

    private readonly Option<string> _authority = Text("--tls-ca", "FILE", "at URLs: PEM of who signed the silos' certificates; default: whom this machine trusts");
    private readonly Option<string> _certificate = Text("--tls-certificate", "FILE", "at URLs: PEM certificate of the caller");
    private readonly Option<string> _key = Text("--tls-key", "FILE", "at URLs: PEM key of that certificate");
    private readonly Option<string> _token = Text("--token-file", "FILE", "at URLs: a bearer token, the file's first line");
    private readonly Option<string> _gateways = Text("--gateway", "ADDRESS:PORT", "at URLs, for grain-write: the silos' --gateway-listen, with commas between");
    private readonly Option<string> _cluster = Text("--cluster-name", "NAME", "at URLs, for grain-write: as the silos have it", "vallum");

    public void AddTo(Command command)
    {
        foreach (var option in (Option<string>[])[_target, _authority, _certificate, _key, _token, _gateways, _cluster])
        {
            command.Options.Add(option);
        }
    }

    /// <param name="faults">Everything that is wrong; empty where there is a target.</param>
    public Target? Read(ParseResult arguments, out IReadOnlyList<string> faults)
    {
        var found = new List<string>();
        faults = found;
        var text = arguments.GetValue(_target)!;
        if (text is "one")
        {
            return new Target.One();
        }

        if (text is "cluster")
        {
            return new Target.Cluster();
        }

        var silos = new List<Uri>();
        foreach (var part in text.Split(','))
        {
            if (Uri.TryCreate(part, UriKind.Absolute, out var silo) && silo.Scheme is "http" or "https")
            {
                silos.Add(silo);
            }
            else
            {
                found.Add($"--target: '{part}' is neither one, cluster, nor a URL such as http://127.0.0.1:7400");
            }
        }

        var gateways = new List<IPEndPoint>();
        foreach (var part in arguments.GetValue(_gateways)!.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            if (IPEndPoint.TryParse(part, out var gateway) && gateway.Port > 0)
            {
                gateways.Add(gateway);
            }
            else
            {
                found.Add($"--gateway: '{part}' is no address with a port, such as 127.0.0.1:7600");
            }
        }

        foreach (var option in (Option<string>[])[_authority, _certificate, _key, _token])
        {
            if (arguments.GetValue(option) is { Length: > 0 } file && !File.Exists(file))
            {
                found.Add($"{option.Name}: there is no file '{file}'");
            }
        }

        if (arguments.GetValue(_certificate)!.Length > 0 != arguments.GetValue(_key)!.Length > 0)
        {
            found.Add("--tls-certificate and --tls-key belong together");
        }

        return found.Count > 0
            ? null
            : new Target.Address(
                [.. silos],
                new CallerIdentity(arguments.GetValue(_authority)!, arguments.GetValue(_certificate)!, arguments.GetValue(_key)!, arguments.GetValue(_token)!),
                [.. gateways],
                arguments.GetValue(_cluster)!);
    }

    private static Option<string> Text(string name, string value, string description, string otherwise = "") =>
        new(name) { HelpName = value, Description = description, DefaultValueFactory = _ => otherwise };
}
