using System.Collections.Immutable;
using System.CommandLine;
using System.Net;
using Vallum.Credentials;
using Vallum.Credentials.Issuing;
using Vallum.Manifests.Parsing;

namespace Vallum.Cli.Commands.Pki;

/// <summary>A certificate for a silo, a node or a user.</summary>
internal static class PkiIssue
{
    private const int DefaultDays = 365;

    private static readonly string[] EverySiloIs = ["localhost", "127.0.0.1", "::1"];

    public static Command Build(TextWriter output)
    {
        var kind = new Argument<string>("kind") { Description = "What it is for.", HelpName = "silo|node|user" }.AcceptOnlyFromAmong("silo", "node", "user");
        var name = new Argument<string>("name") { Description = "A node's is its Node's name.", HelpName = "NAME" };
        var directory = PkiCommand.Directory();
        var hosts = new Option<string[]>("--san")
        {
            Description = "Of a silo: a DNS name or address that clients reach it by; many: repeat. Its name and localhost always are",
            HelpName = "HOST",
            DefaultValueFactory = _ => [],
        };
        var role = new Option<string?>("--role")
        {
            Description = "Of a user: its role",
            HelpName = "admin|operator|editor|viewer",
        }.AcceptOnlyFromAmong("admin", "operator", "editor", "viewer");
        var tenants = new Option<string[]>("--tenant") { Description = "Of an editor or viewer: the tenant; many: repeat", HelpName = "TENANT", DefaultValueFactory = _ => [] };
        var groups = new Option<string[]>("--group") { Description = "Of a user: another group; many: repeat", HelpName = "GROUP", DefaultValueFactory = _ => [] };
        var days = new Option<int>("--days") { Description = "Until it ends. Default: 365", DefaultValueFactory = _ => DefaultDays };
        var command = new Command("issue", "Issue a certificate; one of the same name is replaced.") { kind, name, directory, hosts, role, tenants, groups, days };
        command.Validators.Add(result =>
        {
            foreach (var fault in Faults(
                Parse(result.GetValue(kind)),
                result.GetValue(name),
                result.GetValue(role),
                result.GetValue(tenants) ?? [],
                result.GetValue(groups) ?? [],
                result.GetValue(hosts) ?? [],
                result.GetResult(days)?.GetValueOrDefault<int>() ?? DefaultDays))
            {
                result.AddError(fault);
            }
        });
        command.SetAction(parsed => PkiCommand.Try(() =>
        {
            var subject = new Subject(
                Parse(parsed.GetValue(kind)),
                parsed.GetValue(name)!,
                [.. GroupsOf(parsed.GetValue(role), parsed.GetValue(tenants)!), .. parsed.GetValue(groups)!],
                Parse(parsed.GetValue(kind)) == PeerKind.Silo ? [.. new[] { parsed.GetValue(name)! }.Concat(EverySiloIs).Concat(parsed.GetValue(hosts)!).Distinct()] : []);
            var authority = new AuthorityDirectory(parsed.GetValue(directory)!);
            authority.Issue(subject, DateTimeOffset.UtcNow, TimeSpan.FromDays(parsed.GetValue(days)));
            output.WriteLine(authority.CertificatePath(subject.Kind, subject.Name));
            output.WriteLine(authority.KeyPath(subject.Kind, subject.Name));
            return ExitCode.Ok;
        }));
        return command;
    }

    private static PeerKind Parse(string? kind) => kind switch
    {
        "silo" => PeerKind.Silo,
        "node" => PeerKind.Node,
        _ => PeerKind.User,
    };

    /// <summary>The built-in groups that give the role, so that no access file is needed.</summary>
    private static ImmutableArray<string> GroupsOf(string? role, string[] tenants) =>
        role is null ? [] : tenants.Length == 0 ? [$"vallum:{role}"] : [.. tenants.Select(tenant => $"vallum:{role}:{tenant}")];

    private static IEnumerable<string> Faults(PeerKind kind, string? name, string? role, string[] tenants, string[] groups, string[] hosts, int days)
    {
        if (!PeerIdentity.IsName(name ?? "") || (kind == PeerKind.Node && !ObjectName.IsValidId(ObjectType.Node, name!)))
        {
            yield return $"'{name}' is no name for it: letters, digits, '.', '-' and '_'; a node's in lower case and without '_'";
        }

        if (kind != PeerKind.User && (role is not null || tenants.Length > 0 || groups.Length > 0))
        {
            yield return "only users have roles and groups";
        }

        if (kind != PeerKind.Silo && hosts.Length > 0)
        {
            yield return "only a silo is reached by a --san";
        }

        if (role == "editor" && tenants.Length == 0)
        {
            yield return "an editor is one of a tenant: say --tenant";
        }

        if (role is null or "admin" or "operator" && tenants.Length > 0)
        {
            yield return "--tenant goes with --role editor or viewer";
        }

        foreach (var tenant in tenants.Where(tenant => !ObjectName.IsValidId(ObjectType.Tenant, tenant)))
        {
            yield return $"'{tenant}' is no tenant's name";
        }

        // ub-organization-name (RFC 5280, appendix A.1).
        foreach (var group in GroupsOf(role, tenants).Concat(groups).Where(group => group.Length is 0 or > 64))
        {
            yield return $"the group '{group}' is not of 1 to 64 characters, as a certificate takes it: use an access file";
        }

        foreach (var host in hosts.Where(host => !IPAddress.TryParse(host, out _) && Uri.CheckHostName(host.Replace("*.", "", StringComparison.Ordinal)) != UriHostNameType.Dns))
        {
            yield return $"'{host}' is neither a DNS name nor an address";
        }

        if (days is < 1 or > 3650)
        {
            yield return $"--days is {days}: use 1 to 3650";
        }
    }
}
