using BenchmarkDotNet.Attributes;
using Vallum.Dataplane.Model;
using Vallum.Primitives;

namespace Vallum.Benchmarks;

/// <summary>A group as an agent keeps it: a persistent trie of blocks.</summary>
public class MemberSetBenchmarks
{
    private readonly Cidr _block = Cidr.Parse("10.0.0.0/8");
    private readonly Address _address = Address.Parse("10.1.2.3");
    private SetMember[] _members = [];
    private MemberSet _set = MemberSet.Empty;
    private MemberSet _next = MemberSet.Empty;

    [Params(100, 100_000)]
    public int Members { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _members = [.. Enumerable.Range(0, Members).Select(Member)];
        _set = MemberSet.Of(_members);
        _next = _set.With([Member(Members)], []);
    }

    [Benchmark(Description = "trie of blocks: made of its members")]
    public int Make() => MemberSet.Of(_members).Count;

    [Benchmark(Description = "trie of blocks: one member more")]
    public int More() => _set.With([Member(Members)], []).Count;

    [Benchmark(Description = "trie of blocks: is a member in it")]
    public bool Contains() => _set.Contains(_members[Members / 2]);

    [Benchmark(Description = "trie of blocks: difference, one member apart")]
    public int Between() => MemberSet.Between(_set, _next).Added.Length;

    [Benchmark(Description = "block: is an address in it")]
    public bool InBlock() => _block.Contains(_address);

    private static SetMember Member(int number) => new(Cidr.Host(Address.V4(0x0A00_0000u + (uint)number)));
}
