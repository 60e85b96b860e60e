using System.IO.Hashing;
using System.Text;
using Google.Protobuf;
using Vallum.Contracts.Agent.V1;
using Vallum.Primitives;

namespace Vallum.NodeAgent.Tests.Wire;

/// <summary>What a control plane wants a node to hold, and the updates that lead there. It computes the digests from the contract's words.</summary>
internal sealed class WireState
{
    private readonly Dictionary<(ResourceKind Kind, string Name), (ByteString Head, HashSet<ByteString> Entries)> _resources = [];

    public ByteString Total => Bytes(_resources.Aggregate(UInt128.Zero, (sum, r) => unchecked(
        sum + Hash([(byte)r.Key.Kind, .. Encoding.UTF8.GetBytes(r.Key.Name), 0, .. DigestOf(r.Value.Head, r.Value.Entries).ToByteArray()]))));

    public static ByteString Member(string block) => Member(Cidr.Parse(block));

    public static ByteString Port(string address, byte protocol, ushort port) =>
        ByteString.CopyFrom([.. Member($"{address}/32"), protocol, (byte)(port >> 8), (byte)port]);

    public static ByteString Address(string text)
    {
        var bytes = new byte[16];
        var written = Primitives.Address.Parse(text).WriteTo(bytes);
        return ByteString.CopyFrom(bytes, 0, written);
    }

    public static ByteString Endpoint(string name, string address, string link, string profile) => new BindingEntry
    {
        Endpoint = name,
        Addresses = { Address(address) },
        Interface = link,
        Profile = profile,
    }.ToByteString();

    /// <summary>One web endpoint that the members of group "clients" reach on tcp 80, and nobody else.</summary>
    public static WireState Web(params string[] clients)
    {
        var state = new WireState();
        state.Put(ResourceKind.Node, "n1", new NodeHead { Addresses = { Address("10.0.0.1") } });
        state.Put(ResourceKind.Binding, "t", null, Endpoint("t/web", "10.1.7.10", "vw1", "web"));
        state.Put(ResourceKind.Profile, "web", new ProfileHead { DefaultIngress = Contracts.Agent.V1.Action.Allow, DefaultEgress = Contracts.Agent.V1.Action.Allow },
            new ProfileEntry { Direction = Direction.Ingress, Tier = Tier.Tenant, Policy = "tenants/t/policies/p", Rules = "p" }.ToByteString());
        state.Put(ResourceKind.PolicyRules, "p", Allow(new Peer { Group = "clients" }, 80));
        state.Put(ResourceKind.Group, "clients", null, [.. clients.Select(Member)]);
        return state;
    }

    public static PolicyRulesHead Allow(Peer peer, uint port) => new()
    {
        Policy = "tenants/t/policies/p",
        Ingress =
        {
            new Rule
            {
                Name = "r",
                Action = Contracts.Agent.V1.Action.Allow,
                Matches = { new Match { Peers = { peer }, Services = { new Service { Protocol = 6, Ports = { new Contracts.Agent.V1.PortRange { First = port, Last = port } } } } } },
            },
        },
    };

    public void Put(ResourceKind kind, string name, IMessage? head, params ByteString[] entries) =>
        _resources[(kind, name)] = (head?.ToByteString() ?? ByteString.Empty, [.. entries]);

    public Update Snapshot(ulong nonce) => new()
    {
        Nonce = nonce,
        EndOfSnapshot = true,
        HeldDigest = Total,
        Resources = { _resources.Keys.Select(k => Whole(k.Kind, k.Name)) },
    };

    public Resource Whole(ResourceKind kind, string name)
    {
        var (head, entries) = _resources[(kind, name)];
        return new Resource { Kind = kind, Name = name, Digest = DigestOf(head, entries), Whole = new Whole { Head = head, Entries = { entries } } };
    }

    /// <summary>Changes a resource here, and says how to change it there.</summary>
    public Update Change(ulong nonce, ResourceKind kind, string name, IEnumerable<ByteString> added, IEnumerable<ByteString> removed, IMessage? head = null)
    {
        var (before, entries) = _resources[(kind, name)];
        var delta = new Delta { BaseDigest = DigestOf(before, entries), Added = { added }, Removed = { removed } };
        if (head is not null)
        {
            delta.Head = before = head.ToByteString();
        }

        entries.ExceptWith(delta.Removed);
        entries.UnionWith(delta.Added);
        _resources[(kind, name)] = (before, entries);
        return new Update
        {
            Nonce = nonce,
            Resources = { new Resource { Kind = kind, Name = name, Digest = DigestOf(before, entries), Delta = delta } },
            HeldDigest = Total,
        };
    }

    public Update Remove(ulong nonce, ResourceKind kind, string name)
    {
        _resources.Remove((kind, name));
        return new Update { Nonce = nonce, Removed = { new ResourceRef { Kind = kind, Name = name } }, HeldDigest = Total };
    }

    private static ByteString Member(Cidr block)
    {
        var bytes = new byte[16];
        var written = block.Base.WriteTo(bytes);
        return ByteString.CopyFrom([.. bytes[..written], block.Length]);
    }

    private static ByteString DigestOf(ByteString head, IEnumerable<ByteString> entries) =>
        Bytes(entries.Aggregate(Hash([0, .. head]), (sum, entry) => unchecked(sum + Hash([1, .. entry]))));

    private static UInt128 Hash(byte[] bytes) => XxHash128.HashToUInt128(bytes);

    private static ByteString Bytes(UInt128 value)
    {
        var bytes = new byte[16];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(bytes, value);
        return ByteString.CopyFrom(bytes);
    }
}
