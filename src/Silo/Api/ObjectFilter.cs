using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Vallum.Contracts.Api.V1;
using Vallum.Policies.Model;
using ApiObject = Vallum.Contracts.Api.V1.Object;
using Tier = Vallum.Contracts.Api.V1.Tier;

namespace Vallum.Silo.Api;

/// <summary>A list's filter, as kubectl writes label selectors: "app=web,env!=prod,tier in (a,b),!gone,.node=n1".</summary>
internal sealed partial record ObjectFilter(Selector Labels, ImmutableArray<(string Field, string Value)> Fields)
{
    private static readonly ImmutableArray<string> KnownFields = ["node", "segment", "tier", "mode"];

    /// <exception cref="Grpc.Core.RpcException">INVALID_ARGUMENT, with the term that is wrong.</exception>
    public static ObjectFilter Parse(string text)
    {
        List<Requirement> labels = [];
        List<(string, string)> fields = [];
        foreach (Match match in Terms().Matches(text))
        {
            var term = match.Value.Trim();
            if (term.StartsWith('.'))
            {
                fields.Add(ParseField(term));
            }
            else if (term.Length > 0)
            {
                labels.Add(ParseLabel(term));
            }
        }

        return new ObjectFilter(Selector.Of(labels), [.. fields]);
    }

    public bool Matches(ApiObject value) =>
        Labels.Matches(LabelSet.Of(MetadataOf(value)?.Labels ?? [])) && Fields.All(f => Matches(value, f.Field, f.Value));

    private static bool Matches(ApiObject value, string field, string wanted) => (field, value.ObjectCase) switch
    {
        ("node", ApiObject.ObjectOneofCase.Endpoint) => value.Endpoint.Spec?.Node == wanted,
        ("segment", ApiObject.ObjectOneofCase.Endpoint) => (value.Endpoint.Spec?.Segment is { Length: > 0 } segment ? segment : "default") == wanted,
        ("tier", ApiObject.ObjectOneofCase.Policy) => TierOf(value.Policy).ToString().Equals(wanted, StringComparison.OrdinalIgnoreCase),
        ("mode", ApiObject.ObjectOneofCase.Policy) => ModeOf(value.Policy).ToString().Equals(wanted, StringComparison.OrdinalIgnoreCase),
        _ => false,
    };

    private static Tier TierOf(Contracts.Api.V1.Policy policy) =>
        policy.Spec is { Tier: not Tier.Unspecified } spec ? spec.Tier : Tier.Tenant;

    private static Contracts.Api.V1.PolicyMode ModeOf(Contracts.Api.V1.Policy policy) =>
        policy.Spec is { Mode: not Contracts.Api.V1.PolicyMode.Unspecified } spec ? spec.Mode : Contracts.Api.V1.PolicyMode.Enforced;

    private static Metadata? MetadataOf(ApiObject value) => value.ObjectCase switch
    {
        ApiObject.ObjectOneofCase.Tenant => value.Tenant.Metadata,
        ApiObject.ObjectOneofCase.Segment => value.Segment.Metadata,
        ApiObject.ObjectOneofCase.Endpoint => value.Endpoint.Metadata,
        ApiObject.ObjectOneofCase.Node => value.Node.Metadata,
        ApiObject.ObjectOneofCase.NetworkSet => value.NetworkSet.Metadata,
        ApiObject.ObjectOneofCase.Policy => value.Policy.Metadata,
        _ => null,
    };

    private static (string Field, string Value) ParseField(string term) =>
        term[1..].Split('=') is [var field, var value] && KnownFields.Contains(field.Trim())
            ? (field.Trim(), value.Trim())
            : throw Wrong(term, $"fields are {string.Join(", ", KnownFields.Select(f => $".{f}=value"))}");

    private static Requirement ParseLabel(string term)
    {
        if (SetTerm().Match(term) is { Success: true } set)
        {
            var values = set.Groups["values"].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            return values.Length == 0
                ? throw Wrong(term, "name at least one value: key in (a,b)")
                : set.Groups["not"].Success ? Requirement.NotIn(set.Groups["key"].Value, values) : Requirement.In(set.Groups["key"].Value, values);
        }

        if (EqualityTerm().Match(term) is { Success: true } equality)
        {
            var (key, value) = (equality.Groups["key"].Value, equality.Groups["value"].Value);
            return equality.Groups["operator"].Value == "!=" ? Requirement.NotIn(key, value) : Requirement.In(key, value);
        }

        if (KeyTerm().Match(term) is { Success: true } key1)
        {
            return key1.Groups["not"].Success ? Requirement.DoesNotExist(key1.Groups["key"].Value) : Requirement.Exists(key1.Groups["key"].Value);
        }

        throw Wrong(term, "write key=value, key!=value, key in (a,b), key notin (a,b), key or !key");
    }

    private static Grpc.Core.RpcException Wrong(string term, string right) => ApiError.Invalid("filter", "INVALID_FILTER", $"'{term}' is not understood; {right}");

    // Commas inside parentheses do not part terms.
    [GeneratedRegex(@"(?:\([^)]*\)?|[^,(])+")]
    private static partial Regex Terms();

    [GeneratedRegex(@"^(?<key>[\w./-]+)\s+(?<not>not)?in\s*\((?<values>[^)]*)\)$")]
    private static partial Regex SetTerm();

    [GeneratedRegex(@"^(?<key>[\w./-]+)\s*(?<operator>!=|==|=)\s*(?<value>[\w.-]*)$")]
    private static partial Regex EqualityTerm();

    [GeneratedRegex(@"^(?<not>!)?\s*(?<key>[\w./-]+)$")]
    private static partial Regex KeyTerm();
}
