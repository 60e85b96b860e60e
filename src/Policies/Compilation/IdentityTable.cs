using System.Collections.Immutable;
using Vallum.Policies.Model;
using Vallum.Policies.Resources;

namespace Vallum.Policies.Compilation;

/// <summary>The distinct traits among the tenant's endpoints, and the profiles of those that are bound.</summary>
internal sealed class IdentityTable(QueryTable queries, RulesTable rules, DeltaBook book)
{
    private readonly SegmentIndex _segments = new();
    private readonly Dictionary<TraitsKey, Traits> _traits = [];
    private readonly Dictionary<LabelSet, List<Traits>> _traitsByLabels = [];
    private readonly Dictionary<Identity, Profile> _profiles = [];
    private readonly Dictionary<ProfileId, Profile> _profilesById = [];
    private readonly List<Traits> _idleTraits = [];
    private readonly List<Profile> _idleProfiles = [];

    public long Evaluations => _segments.Evaluations;

    public IEnumerable<Profile> Profiles => _profilesById.Values;

    public Profile? Find(ProfileId id) => _profilesById.GetValueOrDefault(id);

    public Traits TraitsOf(SegmentName home, LabelSet labels)
    {
        var key = new TraitsKey(_segments.SegmentsOf(home, labels), labels);
        if (!_traits.TryGetValue(key, out var traits))
        {
            _traits.Add(key, traits = new Traits(key));
            if (!_traitsByLabels.TryGetValue(labels, out var alike))
            {
                _traitsByLabels.Add(labels, alike = []);
            }

            alike.Add(traits);
            queries.Add(traits);
        }

        return traits;
    }

    public Profile ProfileOf(Traits traits, ImmutableArray<NamedPort> namedPorts, Tenant tenant)
    {
        var identity = new Identity(traits, namedPorts.Length < 2 ? namedPorts : [.. namedPorts.Distinct().Order()]);
        if (!_profiles.TryGetValue(identity, out var profile))
        {
            var id = identity.IdIn(tenant.Name);
            _profiles.Add(identity, profile = new Profile(id, identity, HeadOf(identity, tenant)));
            _profilesById.Add(id, profile);
            traits.Profiles.Add(profile);
            book.Born(profile);
            // A list of its own: the groups of rules that are made now may ask new queries, which then pick these traits too.
            foreach (var policy in traits.Policies.ToList())
            {
                rules.Reference(policy, 1, tenant);
            }
        }

        return profile;
    }

    /// <summary>To be told when an endpoint has left.</summary>
    public void Left(Traits traits)
    {
        if (traits.Endpoints.Count == 0)
        {
            _idleTraits.Add(traits);
        }
    }

    /// <summary>To be told when a bound endpoint has left.</summary>
    public void Left(Profile profile)
    {
        if (profile.Nodes.Count == 0)
        {
            _idleProfiles.Add(profile);
        }
    }

    /// <summary>Answers the endpoints that are in other segments from now on, and have to be placed anew.</summary>
    public IEnumerable<PlacedEndpoint> PutSegment(SegmentName segment, Selector? picks) =>
        [.. _segments.Put(segment, picks, _traitsByLabels.Keys).SelectMany(labels => _traitsByLabels[labels]).SelectMany(t => t.Endpoints)];

    /// <summary>The tenant has other default postures.</summary>
    public void PosturesChanged(Tenant tenant)
    {
        foreach (var profile in Profiles)
        {
            book.HeadWas(profile, profile.Head);
            profile.Replace(HeadOf(profile.Identity, tenant));
        }
    }

    /// <summary>Ends the profiles that no bound endpoint has any more. At the end of a batch: who left in it may have come back.</summary>
    public void SweepProfiles()
    {
        foreach (var profile in _idleProfiles)
        {
            if (profile.Nodes.Count == 0 && _profilesById.Remove(profile.Id))
            {
                _profiles.Remove(profile.Identity);
                profile.Identity.Traits.Profiles.Remove(profile);
                book.Dies(profile);
                foreach (var policy in profile.Identity.Traits.Policies)
                {
                    rules.Dereference(policy, 1);
                }
            }
        }

        _idleProfiles.Clear();
    }

    /// <summary>Forgets the traits that no endpoint has any more. After the profiles.</summary>
    public void SweepTraits()
    {
        foreach (var traits in _idleTraits)
        {
            if (traits.Endpoints.Count == 0 && _traits.Remove(traits.Key))
            {
                queries.Remove(traits);
                var alike = _traitsByLabels[traits.Labels];
                alike.Remove(traits);
                if (alike.Count == 0)
                {
                    _traitsByLabels.Remove(traits.Labels);
                    _segments.Forget(traits.Labels);
                }
            }
        }

        _idleTraits.Clear();
    }

    private static ResourceHead.Profile HeadOf(Identity identity, Tenant tenant) =>
        new(identity.NamedPorts, tenant.DefaultIngress, tenant.DefaultEgress);
}
