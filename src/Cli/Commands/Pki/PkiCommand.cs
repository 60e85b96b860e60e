using System.CommandLine;
using Vallum.Credentials;
using Vallum.Credentials.Issuing;

namespace Vallum.Cli.Commands.Pki;

/// <summary>A certificate authority for development and tests: enough to try TLS between all parts, and not for production.</summary>
internal static class PkiCommand
{
    public static Command Build(TextWriter output) => new("pki", "Certificates for development: make an authority, issue, revoke, show.")
    {
        Init(output),
        PkiIssue.Build(output),
        Revoke(output),
        PkiShow.Build(output),
    };

    /// <summary>Where the authority is.</summary>
    public static Option<string> Directory() => new("--dir")
    {
        Description = "Directory of the authority. Default: vallum-pki",
        HelpName = "DIR",
        DefaultValueFactory = _ => "vallum-pki",
    };

    /// <summary>What goes wrong with files and what is in them, in the command's words.</summary>
    public static int Try(Func<int> run)
    {
        try
        {
            return run();
        }
        catch (Exception exception) when (exception is InvalidDataException or FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CommandFailure(ExitCode.Negative, exception.Message);
        }
    }

    private static Command Init(TextWriter output)
    {
        var directory = Directory();
        var domain = new Option<string>("--trust-domain")
        {
            Description = "Certificates name spiffe://NAME/…. Default: vallum",
            HelpName = "NAME",
            DefaultValueFactory = _ => PeerIdentity.DefaultTrustDomain,
        };
        domain.Validators.Add(result =>
        {
            if (!PeerIdentity.IsTrustDomain(result.GetValueOrDefault<string>() ?? ""))
            {
                result.AddError("--trust-domain wants lower case letters, digits, '.', '-' and '_'");
            }
        });
        var command = new Command("init", "Make an authority.") { directory, domain };
        command.SetAction(parsed => Try(() =>
        {
            var authority = new AuthorityDirectory(parsed.GetValue(directory)!);
            authority.Create(parsed.GetValue(domain)!, DateTimeOffset.UtcNow);
            output.WriteLine($"{authority.AuthorityPath}      the authority of trust domain {parsed.GetValue(domain)}: --client-ca of silos, --tls-ca of agents, --ca of this command");
            output.WriteLine($"{authority.AuthorityKeyPath}  its key: whoever has it is everybody");
            output.WriteLine($"{authority.RevocationsPath}     what it took back: --crl of silos");
            output.WriteLine("For development only: its key lies in a file, and nobody keeps account of what it issues.");
            return ExitCode.Ok;
        }));
        return command;
    }

    private static Command Revoke(TextWriter output)
    {
        var what = new Argument<string>("certificate") { Description = "A certificate's file, or its serial number in hexadecimal.", HelpName = "FILE|SERIAL" };
        var directory = Directory();
        var command = new Command("revoke", "Take a certificate back: silos that read the list refuse it within seconds.") { what, directory };
        command.SetAction(parsed => Try(() =>
        {
            var authority = new AuthorityDirectory(parsed.GetValue(directory)!);
            var serial = PkiShow.SerialOf(parsed.GetValue(what)!);
            authority.Revoke(serial, DateTimeOffset.UtcNow);
            output.WriteLine($"{serial} is revoked in {authority.RevocationsPath}");
            return ExitCode.Ok;
        }));
        return command;
    }
}
