using System.Globalization;
using Google.Protobuf;
using Vallum.Contracts.Agent.V1;
using Vallum.Primitives;
using Action = Vallum.Contracts.Agent.V1.Action;

namespace Vallum.Load.Dataplane.Updates;

/// <summary>
/// A node whose changes are measured: 250 endpoints of 25 profiles, some 1,200 rules; 4 policies a profile and direction, and one profile with 40, whose
/// allows are merged. The members are in 100 groups, a policy each.
/// </summary>
internal sealed class NodeWorld
{
    public const string Node = "n1";

    /// <summary>Named by one of four policies.</summary>
    public const string Group = "g000";

    /// <summary>Named by one of forty policies.</summary>
    public const string MergedGroup = "m00";

    private const int Endpoints = 250;
    private const int Profiles = 25;
    private const int PoliciesEach = 4;
    private const int MergedPolicies = 40;
    private const int MembersOfMerged = 10;
    private const string Bindings = "t";
    private const string MergedProfile = "p00";

    private readonly WireNode _node = new();
    private int _memberChanges;
    private int _ruleChanges;
    private int _endpointChanges;

    /// <param name="members">In the 100 groups together.</param>
    public NodeWorld(int members)
    {
        _node.Put(ResourceKind.Node, Node, new NodeHead { Addresses = { Bytes(0x0A000001) } }, []);
        _node.Put(ResourceKind.Binding, Bindings, null, Enumerable.Range(0, Endpoints).Select(Endpoint));
        for (var profile = 0; profile < Profiles; profile++)
        {
            PutProfile(profile, members / (Profiles * PoliciesEach));
        }
    }

    public Update Snapshot() => _node.Snapshot();

    /// <summary>One member comes, and with the next call goes: call it twice for the same group.</summary>
    public Update OneMember(string group)
    {
        var member = Member(0x0AFA0000 + ((uint)_memberChanges++ / 2));
        return _memberChanges % 2 == 1 ? _node.Change(ResourceKind.Group, group, [member], []) : _node.Change(ResourceKind.Group, group, [], [member]);
    }

    public Update Members(int count, bool come)
    {
        var members = Enumerable.Range(0, count).Select(index => Member(0x0AC80000 + (uint)index)).ToArray();
        return come ? _node.Change(ResourceKind.Group, Group, members, []) : _node.Change(ResourceKind.Group, Group, [], members);
    }

    /// <summary>One policy of a profile with four asks for another port.</summary>
    public Update OneRule() => _node.Change(ResourceKind.PolicyRules, "p01-in-0", [], [], Allow("p01-in-0", "g004", 2_000 + (++_ruleChanges % 1_000)));

    /// <summary>The same of the profile with forty.</summary>
    public Update OneMergedRule() => _node.Change(ResourceKind.PolicyRules, "m-in-1", [], [], Allow("m-in-1", "m01", 2_000 + (++_ruleChanges % 1_000)));

    /// <summary>An endpoint comes, and with the next call goes.</summary>
    public Update OneEndpoint()
    {
        var endpoint = Endpoint(Endpoints + (_endpointChanges++ / 2));
        return _endpointChanges % 2 == 1 ? _node.Change(ResourceKind.Binding, Bindings, [endpoint], []) : _node.Change(ResourceKind.Binding, Bindings, [], [endpoint]);
    }

    private void PutProfile(int profile, int membersEach)
    {
        var name = ProfileName(profile);
        var entries = new List<ByteString>();
        for (var policy = 0; policy < PoliciesEach; policy++)
        {
            var group = string.Create(CultureInfo.InvariantCulture, $"g{(profile * PoliciesEach) + policy:000}");
            var first = 0x0A640000 + (uint)(((profile * PoliciesEach) + policy) * membersEach);
            _node.Put(ResourceKind.Group, group, null, Enumerable.Range(0, membersEach).Select(index => Member(first + (uint)index)));
            PutPolicy(entries, $"{name}-in-{policy}", Direction.Ingress, group, 1_000 + policy);
            PutPolicy(entries, $"{name}-out-{policy}", Direction.Egress, group, 1_000 + policy);
        }

        for (var policy = 0; policy < MergedPolicies && name == MergedProfile; policy++)
        {
            var group = string.Create(CultureInfo.InvariantCulture, $"m{policy:00}");
            var first = 0x0AFF0000 + (uint)(policy * MembersOfMerged);
            _node.Put(ResourceKind.Group, group, null, Enumerable.Range(0, MembersOfMerged).Select(index => Member(first + (uint)index)));
            PutPolicy(entries, $"m-in-{policy}", Direction.Ingress, group, 1_500 + policy);
        }

        _node.Put(ResourceKind.Profile, name, new ProfileHead { DefaultIngress = Action.Allow, DefaultEgress = Action.Allow }, entries);
    }

    private void PutPolicy(List<ByteString> entries, string rules, Direction direction, string group, int port)
    {
        entries.Add(new ProfileEntry { Direction = direction, Tier = Tier.Tenant, Policy = Policy(rules), Rules = rules }.ToByteString());
        var head = Allow(rules, group, port);
        if (direction == Direction.Egress)
        {
            head.Egress.AddRange(head.Ingress);
            head.Ingress.Clear();
        }

        _node.Put(ResourceKind.PolicyRules, rules, head, []);
    }

    private static PolicyRulesHead Allow(string rules, string group, int port) => new()
    {
        Policy = Policy(rules),
        Ingress =
        {
            new Rule
            {
                Name = "r",
                Action = Action.Allow,
                Matches =
                {
                    new Match
                    {
                        Peers = { new Peer { Group = group } },
                        Services = { new Service { Protocol = IpProtocol.Tcp, Ports = { new Contracts.Agent.V1.PortRange { First = (uint)port, Last = (uint)port } } } },
                    },
                },
            },
        },
    };

    private static ByteString Endpoint(int index) => new BindingEntry
    {
        Endpoint = string.Create(CultureInfo.InvariantCulture, $"t/e{index:00000}"),
        Addresses = { Bytes(0x0A3C0000 + (uint)index) },
        Interface = string.Create(CultureInfo.InvariantCulture, $"vw{index}"),
        Profile = ProfileName(index % Profiles),
    }.ToByteString();

    private static string ProfileName(int profile) => string.Create(CultureInfo.InvariantCulture, $"p{profile:00}");

    private static string Policy(string rules) => $"tenants/t/policies/{rules}";

    private static ByteString Member(uint address) => ByteString.CopyFrom([.. Bytes(address), 32]);

    private static ByteString Bytes(uint address) => ByteString.CopyFrom((byte)(address >> 24), (byte)(address >> 16), (byte)(address >> 8), (byte)address);
}
