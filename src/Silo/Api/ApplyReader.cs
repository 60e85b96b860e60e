using System.Collections.Immutable;
using Google.Rpc;
using Vallum.Cluster.Objects;
using Vallum.Contracts.Api.V1;
using Vallum.Manifests.Assembly;
using Vallum.Manifests.Parsing;
using Vallum.Manifests.Writing;
using Vallum.Policies.Model;
using Vallum.Primitives;
using ApiObject = Vallum.Contracts.Api.V1.Object;

namespace Vallum.Silo.Api;

/// <summary>What goes to one scope.</summary>
/// <param name="Changes">Index: which of the request's objects, and after them its deletes, the change came from.</param>
internal sealed record ApplyShare(string Scope, ImmutableArray<(int Index, ObjectChange Change)> Changes);

/// <summary>Reads an Apply: every object judged by itself and against the others of the request; what is left is shared out by scope.</summary>
internal sealed class ApplyReader(ApplyRequest request)
{
    private readonly List<BadRequest.Types.FieldViolation> _violations = [];
    private readonly List<(int Index, string Scope, ObjectChange Change)> _changes = [];
    private readonly HashSet<string> _names = [];
    private readonly Dictionary<Address, EndpointId> _owners = [];

    /// <summary>In the order of their scopes: the cluster's own objects first.</summary>
    /// <exception cref="Grpc.Core.RpcException">INVALID_ARGUMENT, with every violation.</exception>
    public ImmutableArray<ApplyShare> Read()
    {
        for (var i = 0; i < request.Objects.Count; i++)
        {
            ReadObject(i, request.Objects[i]);
        }

        for (var i = 0; i < request.Deletes.Count; i++)
        {
            ReadDelete(request.Objects.Count + i, request.Deletes[i]);
        }

        if (_violations.Count > 0)
        {
            throw ApiError.Invalid(_violations);
        }

        return
        [
            .. _changes
                .GroupBy(c => c.Scope)
                .OrderBy(g => g.Key, StringComparer.Ordinal)
                .Select(g => new ApplyShare(g.Key, [.. g.Select(c => (c.Index, c.Change))])),
        ];
    }

    /// <param name="field">Path inside the object; empty: the object as a whole.</param>
    public string FieldOf(int index, string field)
    {
        if (index >= request.Objects.Count)
        {
            return $"deletes[{index - request.Objects.Count}]";
        }

        return field.Length == 0 ? $"objects[{index}]" : $"objects[{index}].{field}";
    }

    private void ReadObject(int index, ApiObject value)
    {
        var found = ObjectParser.Judge(value);
        foreach (var violation in found)
        {
            Refuse(index, violation);
        }

        if (!found.IsEmpty || !ObjectName.TryParse(value.NameOf(), out var name))
        {
            return;
        }

        if (!_names.Add(name.ToString()))
        {
            Refuse(index, Twice(name.ToString()));
            return;
        }

        if (value.ObjectCase == ApiObject.ObjectOneofCase.Endpoint)
        {
            Claim(index, ObjectParser.Parse(value.Endpoint).Value);
        }

        var change = new ObjectChange(
            ChangeMode.Put, ObjectKinds.KindOf(name.Type), name.Id, [.. ObjectContent.Normalize(value)], value.MetadataOf()?.Etag ?? "");
        _changes.Add((index, name.Scope, change));
    }

    /// <summary>Two tenants cannot see each other's shares: who would get the address would be known only when the other one is committed.</summary>
    private void Claim(int index, Policies.Model.Endpoint endpoint)
    {
        foreach (var (i, address) in ReferenceCheck.ClaimsOf(endpoint).Index())
        {
            if (!_owners.TryAdd(address, endpoint.Id))
            {
                Refuse(index, ReferenceCheck.AddressInUse(i, address, _owners[address]));
            }
        }
    }

    private void ReadDelete(int index, string text)
    {
        if (!ObjectName.TryParse(text, out var name))
        {
            Refuse(index, new FieldViolation("", Reasons.InvalidName, $"'{text}' is no object's name"));
        }
        else if (!_names.Add(text))
        {
            Refuse(index, Twice(text));
        }
        else
        {
            var mode = name.Type == ObjectType.Tenant ? ChangeMode.DeleteAll : ChangeMode.DeleteIfThere;
            _changes.Add((index, name.Scope, new ObjectChange(mode, ObjectKinds.KindOf(name.Type), name.Id, [], "")));
        }
    }

    private static FieldViolation Twice(string name) => new("name", Reasons.DuplicateName, $"{name} is named twice in one Apply");

    private void Refuse(int index, FieldViolation violation) => _violations.Add(new BadRequest.Types.FieldViolation
    {
        Field = FieldOf(index, violation.Field),
        Reason = violation.Reason,
        Description = violation.Description,
    });
}
