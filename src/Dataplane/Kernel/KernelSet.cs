using System.Numerics;
using Vallum.Dataplane.Model;
using Vallum.Primitives;

namespace Vallum.Dataplane.Kernel;

public enum SetType
{
    /// <summary>hash:net</summary>
    Net,

    /// <summary>hash:net,port</summary>
    NetPort,

    /// <summary>hash:net,iface</summary>
    NetInterface,

    /// <summary>A type that we make no sets of.</summary>
    Other,
}

/// <summary>
/// One ipset. <paramref name="IsGate"/>: it says which addresses are known here, so that a new one comes after the rules that judge it and a lost one goes
/// before they do; known of what is wanted only, for the kernel does not keep it.
/// </summary>
public sealed record KernelSet(string Name, SetType Type, IpFamily Family, MemberSet Members, bool IsGate = false)
{
    /// <summary>
    /// What <see cref="MaxMembers"/> is where nothing else is said; costs nothing before they are there. The kernel's own default is 65,536.
    /// </summary>
    public const int UsualMaxMembers = 4_194_304;

    /// <summary>Buckets of a set that is born empty: it takes 1 kB with 64 and 16 kB with the default.</summary>
    public const int FirstBuckets = 64;

    /// <summary>Members that the set may hold. It cannot be raised: a set that outgrows it is made anew and swapped.</summary>
    public int MaxMembers { get; init; } = UsualMaxMembers;

    /// <summary>Members that it is to have soon after it is made, where they are more than <see cref="Members"/>; says nothing of a set that is there.</summary>
    public int Expected { get; init; }

    /// <summary>
    /// Buckets at birth: one for two members, so that none of its 12 places a bucket runs out of. A set grows by itself, but each doubling waits for an RCU
    /// grace period (ip_set_hash_gen.h): 100 sets of 1,000 members took 4 s to fill from 64 buckets, and take 0.1 s so.
    /// </summary>
    public int Buckets => Math.Max(FirstBuckets, (int)BitOperations.RoundUpToPowerOf2((uint)(Math.Max(Members.Count, Expected) + 1) / 2));

    public string CreateLine =>
        $"create {Name} {TypeName(Type)} family {(Family == IpFamily.V4 ? "inet" : "inet6")} hashsize {Buckets} maxelem {MaxMembers}";

    /// <summary>Room for so many members: the least, or the next power of two. It depends on the number alone, never on what the set held before.</summary>
    public static int RoomFor(int members) =>
        members <= UsualMaxMembers ? UsualMaxMembers : (int)Math.Min(int.MaxValue, BitOperations.RoundUpToPowerOf2((uint)members));

    public static string TypeName(SetType type) => type switch
    {
        SetType.Net => "hash:net",
        SetType.NetPort => "hash:net,port",
        SetType.NetInterface => "hash:net,iface",
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "not a type that we make"),
    };
}
