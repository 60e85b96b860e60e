using System.Collections.Immutable;
using Google.Protobuf;
using Vallum.Policies.Compilation;
using Vallum.Policies.Model;
using Vallum.Policies.Resources;
using Vallum.Silo.Distribution.Content;
using Vallum.Silo.Distribution.Encoding;

namespace Vallum.Silo.Distribution.Hub;

/// <summary>
/// What the operator's policies say of the nodes that this silo serves: each node's own resource, its profile, and the rules that it names. Compiled here,
/// for they follow from the cluster's own objects alone; published as a tenant's cut is, whole, and not before the groups of new rules are complete.
/// A node's resource is not there before its policies were published once: an agent that holds some is never told that there are none. Guarded by the
/// hub's lock.
/// </summary>
internal sealed class HostBook(ResourceBook resources, NodeBook nodes, GroupBook groups)
{
    /// <summary>Who names the groups. No tenant has such a name.</summary>
    private const string Owner = "#nodes";

    // As they should be, of the nodes that are served.
    private readonly Dictionary<string, NodeProfile?> _profiles = [];
    private readonly Dictionary<PolicyRulesId, int> _uses = [];

    // As they are published, and what is still to be: null goes.
    private readonly Dictionary<PolicyRulesId, HostRules> _rules = [];
    private readonly Dictionary<PolicyRulesId, HostRules?> _draftRules = [];
    private readonly HashSet<string> _draftNodes = [];

    private ClusterSnapshot _view = ClusterSnapshot.Empty;
    private ImmutableDictionary<PolicyRulesId, Policy> _policies = ImmutableDictionary<PolicyRulesId, Policy>.Empty;

    // The revision before the first that is not published; null: what waits is not of a newer revision, but of nodes that came.
    private long? _before;

    /// <summary>Something waits to be published.</summary>
    public bool IsPending => _draftNodes.Count > 0 || _draftRules.Count > 0;

    /// <summary>The revision of the cluster's own objects up to which everything about nodes is published.</summary>
    public long PublishedRevision => IsPending && _before is { } before ? before : _view.Revision;

    /// <summary>Policies are about the node, or were and it is still to learn that they are not.</summary>
    public bool Concerns(string node) =>
        _draftNodes.Contains(node) || _profiles.GetValueOrDefault(node) is not null;

    /// <summary>The node is served from now on.</summary>
    public void Add(string node)
    {
        if (_view.Revision > 0 && !_profiles.ContainsKey(node))
        {
            Consider(node);
            Publish();
        }
    }

    /// <summary>The node is served no more.</summary>
    public void Remove(string node)
    {
        Use(_profiles.GetValueOrDefault(node), -1);
        _profiles.Remove(node);
        _draftNodes.Remove(node);
        resources.Replace(ResourceId.OfNode(node), null, Cause.None);
        resources.Replace(ProfileOf(node), null, Cause.None);
    }

    /// <summary>The cluster's own objects have changed.</summary>
    public void ViewChanged(ClusterSnapshot after)
    {
        var before = _view;
        _view = after;
        if (ReferenceEquals(before.Policies, after.Policies) && ReferenceEquals(before.Nodes, after.Nodes) && before.Revision > 0)
        {
            return;
        }

        var wasPending = IsPending;
        var old = _policies;
        _policies = after.Policies.Values.Where(p => p.IsAboutNodes).ToImmutableDictionary(NodeCompiler.IdOf);
        foreach (var (id, policy) in _policies)
        {
            if (_uses.ContainsKey(id) && old.TryGetValue(id, out var was) && !was.Equals(policy))
            {
                Draft(id);
            }
        }

        foreach (var node in nodes.All.Select(n => n.Node).Distinct().ToArray())
        {
            Consider(node);
            if (resources.Find(ResourceId.OfNode(node)) is { Content: not null })
            {
                PutOwn(node, resources.Find(ProfileOf(node))?.Content is not null, Cause.OfCluster(before.Revision));
            }
        }

        _before = wasPending ? _before ?? before.Revision : before.Revision;
    }

    /// <summary>Publishes what waits, unless a group is not complete.</summary>
    public void Publish()
    {
        if (!IsPending)
        {
            return;
        }

        var complete = _draftRules.Values.OfType<HostRules>().SelectMany(r => r.Groups).All(g => g.IsInUse || !Cuts.IsIncomplete(g, []));
        if (complete)
        {
            var cause = _before is { } before ? Cause.OfCluster(before) : Cause.None;
            foreach (var (id, rules) in _draftRules)
            {
                Publish(id, rules, cause);
            }

            foreach (var node in _draftNodes)
            {
                Publish(node, cause);
            }

            _draftRules.Clear();
            _draftNodes.Clear();
            _before = null;
        }
        else
        {
            // A node that comes to this silo while others wait waits for what is its own only.
            foreach (var node in _draftNodes.Where(IsNewAndComplete).ToArray())
            {
                Publish(node, Cause.None);
                _draftNodes.Remove(node);
            }
        }

        groups.Sweep();
    }

    private static ResourceId ProfileOf(string node) => ResourceId.Profile(NodeCompiler.IdOf(new NodeName(node)).Value);

    /// <summary>Compiles the node's profile anew and notes what is to be published of it.</summary>
    private void Consider(string node)
    {
        var profile = _view.Nodes.TryGetValue(new NodeName(node), out var known) ? NodeCompiler.ProfileOf(known, _policies.Values) : null;
        var isNew = !_profiles.TryGetValue(node, out var was);
        Use(profile, 1);
        Use(was, -1);
        _profiles[node] = profile;
        if (isNew || !(profile?.Entries ?? []).ToHashSet().SetEquals(was?.Entries ?? []))
        {
            _draftNodes.Add(node);
        }
    }

    private void Use(NodeProfile? profile, int change)
    {
        foreach (var id in (profile?.Entries ?? []).OfType<ResourceEntry.PolicyInForce>().Select(e => e.Rules).Distinct())
        {
            var before = _uses.GetValueOrDefault(id);
            if (before + change == 0)
            {
                _uses.Remove(id);
                Draft(id);
            }
            else
            {
                _uses[id] = before + change;
                if (before == 0)
                {
                    Draft(id);
                }
            }
        }
    }

    /// <summary>The rules as they should be; nothing to publish when they are so already.</summary>
    private void Draft(PolicyRulesId id)
    {
        HostRules? wanted = null;
        if (_uses.ContainsKey(id) && _policies.TryGetValue(id, out var policy))
        {
            var rules = NodeCompiler.RulesOf(policy);
            wanted = new HostRules(ResourceEncoding.EncodeHead(rules), [.. rules.Groups.Select(g => groups.Reserve(WantEncoding.ToWant(g), Owner, _view))]);
        }

        if (_draftRules.Remove(id, out var drafted))
        {
            Release(drafted);
        }

        var published = _rules.GetValueOrDefault(id);
        if (wanted is not null && published is not null && wanted.Head.AsSpan().SequenceEqual(published.Head))
        {
            Release(wanted);
        }
        else if (wanted is not null || published is not null)
        {
            _draftRules[id] = wanted;
        }
    }

    private void Publish(PolicyRulesId id, HostRules? rules, Cause cause)
    {
        var before = _rules.GetValueOrDefault(id);
        var resource = resources.Get(ResourceId.PolicyRules(id.Value));
        if (rules is null)
        {
            _rules.Remove(id);
            resources.Replace(resource.Id, null, cause);
        }
        else
        {
            _rules[id] = rules;
            Put(resource, new ResourceContent(rules.Head, []), cause, rules.Groups.Select(g => g.Resource.Id));
            foreach (var group in rules.Groups)
            {
                group.IsInUse = true;
                group.Missing.Clear();
            }
        }

        Release(before);
    }

    private void Publish(string node, Cause cause)
    {
        var id = ProfileOf(node);
        if (_profiles[node] is { } profile)
        {
            var entries = profile.Entries.Select(e => new Entry(ResourceEncoding.EncodeEntry(e)));
            Put(resources.Get(id), new ResourceContent(ResourceEncoding.EncodeHead(profile.Head), entries), cause, null);
            PutOwn(node, hasProfile: true, cause);
        }
        else
        {
            PutOwn(node, hasProfile: false, cause);
            resources.Replace(id, null, cause);
        }

        // A session that has not sent anything yet watches nothing, and waits for just this.
        foreach (var served in nodes.At(node))
        {
            served.Wake.Set();
        }
    }

    private void PutOwn(string node, bool hasProfile, Cause cause)
    {
        var head = _view.Nodes.TryGetValue(new NodeName(node), out var known)
            ? HeadEncoding.Node(known, hasProfile ? NodeCompiler.IdOf(known.Name) : null).ToByteArray()
            : [];
        Put(resources.Get(ResourceId.OfNode(node)), new ResourceContent(head, []), cause, hasProfile ? [ProfileOf(node)] : []);
    }

    private void Put(HubResource resource, ResourceContent content, Cause cause, IEnumerable<ResourceId>? references)
    {
        if (resource.Content is not { } there)
        {
            resources.Replace(resource.Id, content, cause, references);
            return;
        }

        var (digest, delta) = (there.Digest, ContentDelta.Between(there, content));
        if (!delta.IsEmpty)
        {
            there.Apply(delta);
            ResourceBook.Changed(resource, digest, delta, cause, references);
        }
    }

    private bool IsNewAndComplete(string node) =>
        resources.Find(ResourceId.OfNode(node))?.Content is null &&
        (_profiles[node]?.Entries ?? []).OfType<ResourceEntry.PolicyInForce>().All(e => _rules.ContainsKey(e.Rules) && !_draftRules.ContainsKey(e.Rules));

    private void Release(HostRules? rules)
    {
        foreach (var group in rules?.Groups ?? [])
        {
            groups.Release(group, Owner);
        }
    }

    /// <summary>The rules of one policy about nodes.</summary>
    private sealed record HostRules(byte[] Head, ImmutableArray<HubGroup> Groups);
}
