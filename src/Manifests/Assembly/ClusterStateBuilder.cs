using System.Collections.Immutable;
using Vallum.Manifests.Parsing;
using Vallum.Policies.Model;
using Vallum.Primitives;
using Api = Vallum.Contracts.Api.V1;

namespace Vallum.Manifests.Assembly;

/// <summary>Something wrong with one of many objects.</summary>
/// <param name="Index">Of the object in the list that was given.</param>
/// <param name="Name">The object's name as written.</param>
public sealed record ObjectViolation(int Index, string Name, FieldViolation Violation);

/// <param name="State">Of the objects that are right in themselves; a policy whose segment is missing is in it.</param>
/// <param name="Violations">In the order of the objects; empty when the state is one that the control plane would accept.</param>
public sealed record AssembledState(ClusterState State, ImmutableArray<ObjectViolation> Violations);

/// <summary>Messages of the API become one state, judged as the control plane judges an Apply to an empty cluster.</summary>
public static class ClusterStateBuilder
{
    public static AssembledState Build(IReadOnlyList<Api.Object> objects)
    {
        var assembly = new ClusterAssembly();
        for (var i = 0; i < objects.Count; i++)
        {
            assembly.Add(i, objects[i]);
        }

        assembly.JudgeReferences();
        return assembly.Result();
    }

    private sealed class ClusterAssembly
    {
        private readonly List<ObjectViolation> _violations = [];
        private readonly Dictionary<string, int> _indexes = new(StringComparer.Ordinal);
        private readonly SortedDictionary<TenantName, Tenant> _tenants = [];
        private readonly SortedDictionary<(TenantName Tenant, SegmentName Name), Segment> _segments = [];
        private readonly SortedDictionary<EndpointId, Endpoint> _endpoints = [];
        private readonly SortedDictionary<NodeName, Node> _nodes = [];
        private readonly SortedDictionary<NetworkSetName, NetworkSet> _sets = [];
        private readonly SortedDictionary<PolicyId, Policy> _policies = [];

        public void Add(int index, Api.Object message)
        {
            var name = message.NameOf();
            if (!_indexes.TryAdd(name, index))
            {
                Report(index, name, new FieldViolation("name", Reasons.DuplicateName, $"'{Quoted.Shorten(name)}' is given twice"));
                return;
            }

            switch (message.ObjectCase)
            {
                case Api.Object.ObjectOneofCase.Tenant:
                    Add(index, name, ObjectParser.Parse(message.Tenant), t => _tenants.Add(t.Name, t));
                    break;
                case Api.Object.ObjectOneofCase.Segment:
                    Add(index, name, ObjectParser.Parse(message.Segment), s => _segments.Add((s.Tenant, s.Name), s));
                    break;
                case Api.Object.ObjectOneofCase.Endpoint:
                    Add(index, name, ObjectParser.Parse(message.Endpoint), e => _endpoints.Add(e.Id, e));
                    break;
                case Api.Object.ObjectOneofCase.Node:
                    Add(index, name, ObjectParser.Parse(message.Node), n => _nodes.Add(n.Name, n));
                    break;
                case Api.Object.ObjectOneofCase.NetworkSet:
                    Add(index, name, ObjectParser.Parse(message.NetworkSet), s => _sets.Add(s.Name, s));
                    break;
                case Api.Object.ObjectOneofCase.Policy:
                    Add(index, name, ObjectParser.Parse(message.Policy), p => _policies.Add(p.Id, p));
                    break;
                default:
                    Report(index, name, ObjectParser.Judge(message));
                    break;
            }
        }

        public void JudgeReferences()
        {
            foreach (var segment in _segments.Values)
            {
                JudgeTenant($"tenants/{segment.Tenant}/segments/{segment.Name}", segment.Tenant);
            }

            var owners = new Dictionary<Address, EndpointId>();
            foreach (var endpoint in _endpoints.Values.OrderBy(e => _indexes[NameOf(e)]))
            {
                JudgeTenant(NameOf(endpoint), endpoint.Id.Tenant);
                Report(NameOf(endpoint), ReferenceCheck.Judge(endpoint, name => IsGiven(endpoint.Id.Tenant, name)));
                Claim(endpoint, owners);
            }

            foreach (var policy in _policies.Values)
            {
                if (policy.Id.Tenant is { } tenant)
                {
                    JudgeTenant(policy.Id.ToString(), tenant);
                }

                var violations = ReferenceCheck.Judge(
                    policy, name => policy.Id.Tenant is { } owner && IsGiven(owner, name), set => _indexes.ContainsKey($"networkSets/{set}"));
                Report(policy.Id.ToString(), violations);
            }
        }

        public AssembledState Result() => new(
            new ClusterState(
                _tenants.ToImmutableSortedDictionary(),
                _segments.ToImmutableSortedDictionary(),
                _endpoints.ToImmutableSortedDictionary(),
                _nodes.ToImmutableSortedDictionary(),
                _sets.ToImmutableSortedDictionary(),
                _policies.ToImmutableSortedDictionary()),
            [.. _violations.OrderBy(v => v.Index)]);

        private static string NameOf(Endpoint endpoint) => $"tenants/{endpoint.Id.Tenant}/endpoints/{endpoint.Id.Name}";

        /// <summary>Given, even if it is wrong: then that is reported, and not once more for everybody who names it.</summary>
        private bool IsGiven(TenantName tenant, SegmentName segment) => _indexes.ContainsKey($"tenants/{tenant}/segments/{segment}");

        private void Claim(Endpoint endpoint, Dictionary<Address, EndpointId> owners)
        {
            var claims = ReferenceCheck.ClaimsOf(endpoint);
            for (var i = 0; i < claims.Length; i++)
            {
                if (!owners.TryAdd(claims[i], endpoint.Id))
                {
                    Report(NameOf(endpoint), [ReferenceCheck.AddressInUse(i, claims[i], owners[claims[i]])]);
                }
            }
        }

        private void Add<T>(int index, string name, Parsed<T> parsed, Action<T> add)
            where T : class
        {
            if (parsed.IsValid)
            {
                add(parsed.Value);
            }
            else
            {
                Report(index, name, parsed.Violations);
            }
        }

        private void JudgeTenant(string name, TenantName tenant)
        {
            if (!_indexes.ContainsKey($"tenants/{tenant}"))
            {
                Report(name, [ReferenceCheck.UnknownTenant(tenant)]);
            }
        }

        private void Report(string name, ImmutableArray<FieldViolation> violations) => Report(_indexes[name], name, violations);

        private void Report(int index, string name, params ImmutableArray<FieldViolation> violations) =>
            _violations.AddRange(violations.Select(v => new ObjectViolation(index, name, v)));
    }
}
