using BenchmarkDotNet.Attributes;
using Vallum.Policies.Resources;
using Vallum.Primitives;
using Vallum.Silo.Distribution;
using Vallum.Silo.Distribution.Content;
using Vallum.Silo.Distribution.Encoding;

namespace Vallum.Benchmarks;

/// <summary>A group of many members as a silo keeps and sends it.</summary>
public class ContentBenchmarks
{
    private readonly ResourceId _id = ResourceId.Group("0123456789abcdef01234567");
    private Entry[] _entries = [];
    private ContentDelta _comes = new(null, [], []);
    private ContentDelta _goes = new(null, [], []);
    private ResourceContent _content = new([], []);
    private ResourceContent _other = new([], []);

    [Params(100, 10_000)]
    public int Members { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _entries = [.. Enumerable.Range(0, Members).Select(Member)];
        _content = new ResourceContent([], _entries);
        _other = new ResourceContent([], _entries.Skip(1).Append(Member(Members)));
        _comes = new ContentDelta(null, [Member(Members + 1)], []);
        _goes = new ContentDelta(null, [], [Member(Members + 1)]);
    }

    [Benchmark(Description = "group union: all members from nothing, with their digest")]
    public Digest Unite() => new ResourceContent([], _entries).Digest;

    [Benchmark(Description = "group union: a member comes and goes")]
    public Digest MemberComes()
    {
        _content.Apply(_comes);
        _content.Apply(_goes);
        return _content.Digest;
    }

    [Benchmark(Description = "digest: of one member")]
    public Digest OfEntry() => ContentDigest.OfEntry(_entries[0]);

    [Benchmark(Description = "digest: of a resource among what is held")]
    public Digest OfHeld() => ContentDigest.OfHeld(_id, _content.Digest);

    [Benchmark(Description = "difference: of two contents, one member apart")]
    public int Difference() => ContentDelta.Between(_content, _other).Count;

    [Benchmark(Description = "encoding: the whole group as messages")]
    public int Whole() => EncodedResource.Whole(_id, _content).Bytes;

    [Benchmark(Description = "encoding: an update of one member")]
    public int Update() => EncodedResource.Delta(_id, _content.Digest, _comes, _content.Digest).Bytes;

    private static Entry Member(int number) => new(MemberEncoding.Pack(new GroupMember(Cidr.Host(Address.V4(0x0A00_0000u + (uint)number)))));
}
