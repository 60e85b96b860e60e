using System.Collections.Immutable;
using Google.Protobuf;
using Vallum.Cluster.Objects;
using Vallum.Manifests.Parsing;
using Vallum.Policies.Model;
using Endpoint = Vallum.Policies.Model.Endpoint;
using Messages = Vallum.Contracts.Api.V1;

namespace Vallum.Silo.Api;

/// <summary>Gathers the durable objects that a question is about into one state for the definition to read.</summary>
internal sealed class ClusterStateReader(IGrainFactory grains)
{
    private const int PageSize = 1000;

    /// <summary>
    /// The cluster's own objects, and all objects of <paramref name="tenants"/>; names that no tenant has are left out. Each tenant is read at some
    /// moment of its own: a change committed meanwhile may be in or not.
    /// </summary>
    public async Task<ClusterState> ReadAsync(IReadOnlyCollection<TenantName> tenants, CancellationToken cancellationToken)
    {
        var builder = new Builder();
        await foreach (var document in ReadAsync("", [ObjectKind.Node, ObjectKind.NetworkSet, ObjectKind.Policy], cancellationToken))
        {
            builder.Add("", document);
        }

        foreach (var tenant in tenants)
        {
            var scope = $"tenants/{tenant}";
            await foreach (var document in ReadAsync(
                scope, [ObjectKind.Tenant, ObjectKind.Segment, ObjectKind.Endpoint, ObjectKind.Policy], cancellationToken))
            {
                builder.Add(scope, document);
            }
        }

        return builder.ToState();
    }

    private async IAsyncEnumerable<ObjectDocument> ReadAsync(
        string scope,
        ImmutableArray<ObjectKind> kinds,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var kind in kinds)
        {
            var after = "";
            for (var more = true; more;)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var page = await grains.Scope(scope).List(new ListObjects(kind, after, PageSize));
                foreach (var document in page.Documents)
                {
                    yield return document;
                    after = document.Name;
                }

                more = page.More;
            }
        }
    }

    private sealed class Builder
    {
        private readonly ImmutableSortedDictionary<TenantName, Tenant>.Builder _tenants = ClusterState.Empty.Tenants.ToBuilder();
        private readonly ImmutableSortedDictionary<(TenantName Tenant, SegmentName Name), Segment>.Builder _segments = ClusterState.Empty.Segments.ToBuilder();
        private readonly ImmutableSortedDictionary<EndpointId, Endpoint>.Builder _endpoints = ClusterState.Empty.Endpoints.ToBuilder();
        private readonly ImmutableSortedDictionary<NodeName, Node>.Builder _nodes = ClusterState.Empty.Nodes.ToBuilder();
        private readonly ImmutableSortedDictionary<NetworkSetName, NetworkSet>.Builder _sets = ClusterState.Empty.NetworkSets.ToBuilder();
        private readonly ImmutableSortedDictionary<PolicyId, Policy>.Builder _policies = ClusterState.Empty.Policies.ToBuilder();

        public void Add(string scope, ObjectDocument document)
        {
            switch (document.Kind)
            {
                case ObjectKind.Tenant:
                    var tenant = ObjectParser.Parse(Read(Messages.Tenant.Parser, scope, document, (m, n) => m.Name = n)).Value;
                    _tenants[tenant.Name] = tenant;
                    break;
                case ObjectKind.Segment:
                    var segment = ObjectParser.Parse(Read(Messages.Segment.Parser, scope, document, (m, n) => m.Name = n)).Value;
                    _segments[(segment.Tenant, segment.Name)] = segment;
                    break;
                case ObjectKind.Endpoint:
                    var endpoint = ObjectParser.Parse(Read(Messages.Endpoint.Parser, scope, document, (m, n) => m.Name = n)).Value;
                    _endpoints[endpoint.Id] = endpoint;
                    break;
                case ObjectKind.Node:
                    var node = ObjectParser.Parse(Read(Messages.Node.Parser, scope, document, (m, n) => m.Name = n)).Value;
                    _nodes[node.Name] = node;
                    break;
                case ObjectKind.NetworkSet:
                    var set = ObjectParser.Parse(Read(Messages.NetworkSet.Parser, scope, document, (m, n) => m.Name = n)).Value;
                    _sets[set.Name] = set;
                    break;
                case ObjectKind.Policy:
                    var policy = ObjectParser.Parse(Read(Messages.Policy.Parser, scope, document, (m, n) => m.Name = n)).Value;
                    _policies[policy.Id] = policy;
                    break;
                default:
                    throw new InvalidOperationException($"{document.Kind} is not part of a state");
            }
        }

        public ClusterState ToState() => new(
            _tenants.ToImmutable(),
            _segments.ToImmutable(),
            _endpoints.ToImmutable(),
            _nodes.ToImmutable(),
            _sets.ToImmutable(),
            _policies.ToImmutable());

        private static T Read<T>(MessageParser<T> parser, string scope, ObjectDocument document, Action<T, string> setName)
            where T : IMessage<T>
        {
            var message = parser.ParseFrom(document.Content.AsSpan());
            setName(message, ObjectKinds.NameOf(scope, document.Kind, document.Name));
            return message;
        }
    }
}
