using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;
using Vallum.Manifests.Parsing;

namespace Vallum.Silo.Security.Access;

/// <summary>
/// Who has which roles, as a file says it:
/// <c>{"bindings": [{"role": "editor", "tenants": ["shop"], "users": ["user:ann", "token:ci"], "groups": ["shop-team"]}]}</c>.
/// </summary>
internal sealed class AccessTable
{
    private readonly FrozenDictionary<string, ImmutableArray<Grant>> _users;
    private readonly FrozenDictionary<string, ImmutableArray<Grant>> _groups;

    private AccessTable(IReadOnlyCollection<(string Who, bool IsGroup, Grant Grant)> grants)
    {
        _users = Index(grants.Where(g => !g.IsGroup));
        _groups = Index(grants.Where(g => g.IsGroup));
    }

    /// <summary>What a caller may do, by the file and by the built-in groups together.</summary>
    /// <param name="table">Null: there is no file.</param>
    /// <param name="user">"user:NAME" of a certificate, "token:SUBJECT" of a token.</param>
    public static Rights RightsOf(AccessTable? table, string user, IReadOnlyCollection<string> groups) => new(
    [
        .. groups.Select(BuiltInGroups.GrantOf).OfType<Grant>(),
        .. table?._users.GetValueOrDefault(user, []) ?? [],
        .. groups.SelectMany(group => table?._groups.GetValueOrDefault(group, []) ?? []),
    ]);

    /// <exception cref="InvalidDataException">Everything that is wrong with the file.</exception>
    public static AccessTable Load(string path)
    {
        try
        {
            return Parse(File.ReadAllText(path));
        }
        catch (InvalidDataException exception)
        {
            throw new InvalidDataException($"{path}: {exception.Message}");
        }
    }

    /// <exception cref="InvalidDataException">Everything that is wrong.</exception>
    public static AccessTable Parse(string json)
    {
        AccessFile? file;
        try
        {
            file = JsonSerializer.Deserialize<AccessFile>(json, AccessFile.Format);
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException(exception.Message);
        }

        List<(string, bool, Grant)> grants = [];
        List<string> faults = [];
        foreach (var (i, binding) in (file?.Bindings ?? []).Index())
        {
            faults.AddRange(FaultsOf(binding).Select(fault => $"bindings[{i}]: {fault}"));
            IEnumerable<Grant> given = binding.Tenants is { } tenants ? tenants.Select(t => new Grant(binding.Role, t)) : [new Grant(binding.Role, null)];
            foreach (var grant in given)
            {
                grants.AddRange(binding.Users.Select(user => (user, false, grant)));
                grants.AddRange(binding.Groups.Select(group => (group, true, grant)));
            }
        }

        return faults.Count == 0 ? new AccessTable(grants) : throw new InvalidDataException(string.Join(' ', faults));
    }

    private static IEnumerable<string> FaultsOf(AccessFile.Binding binding)
    {
        if (binding is { Role: Role.Editor, Tenants: null } or { Tenants.IsEmpty: true })
        {
            yield return "name the tenants; only a viewer without tenants is one of everything.";
        }

        if (binding.Role is Role.Admin or Role.Operator && binding.Tenants is not null)
        {
            yield return "admins and operators are not of tenants: leave tenants out.";
        }

        foreach (var tenant in (binding.Tenants ?? []).Where(t => t is null || !ObjectName.IsValidId(ObjectType.Tenant, t)))
        {
            yield return $"'{tenant}' is no tenant's name.";
        }

        foreach (var user in binding.Users.Where(u => u is null || (!u.StartsWith("user:", StringComparison.Ordinal) && !u.StartsWith("token:", StringComparison.Ordinal))))
        {
            yield return $"'{user}' is no user: write user:NAME for a certificate's, token:SUBJECT for a token's.";
        }

        if (binding.Groups.Any(string.IsNullOrEmpty))
        {
            yield return "a group is empty.";
        }

        if (binding.Users.IsEmpty && binding.Groups.IsEmpty)
        {
            yield return "name users or groups.";
        }
    }

    private static FrozenDictionary<string, ImmutableArray<Grant>> Index(IEnumerable<(string Who, bool IsGroup, Grant Grant)> grants) =>
        grants.GroupBy(g => g.Who, g => g.Grant).ToFrozenDictionary(g => g.Key, g => g.ToImmutableArray(), StringComparer.Ordinal);
}
