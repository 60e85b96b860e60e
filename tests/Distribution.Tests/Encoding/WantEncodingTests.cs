using CsCheck;
using Shouldly;
using Vallum.Policies.Model;
using Vallum.Policies.Resources;
using Vallum.Primitives;
using Vallum.Silo.Distribution.Encoding;
using Xunit;

namespace Vallum.Distribution.Tests.Encoding;

public sealed class WantEncodingTests
{
    private static readonly Gen<string> Word = Gen.OneOf("app", "env", "zone", "web", "db");

    private static readonly Gen<Requirement> Requirements = Gen.Select(Word, Word.Array[1, 3], Gen.Int[0, 3]).Select((key, values, kind) => kind switch
    {
        0 => Requirement.In(key, values),
        1 => Requirement.NotIn(key, values),
        2 => Requirement.Exists(key),
        _ => Requirement.DoesNotExist(key),
    });

    private static readonly Gen<Selector> Selectors = Requirements.Array[0, 3].Select(r => Selector.Of(r));

    private static readonly Gen<EndpointPart> Parts =
        Gen.Select(Selectors, Word.Array[0, 2], Word, Gen.Bool).Select((selector, segments, port, hasPort) => new EndpointPart(
            new EndpointQuery(selector, segments.Select(s => new SegmentName(s))),
            hasPort ? new PortName(port, IpProtocol.Tcp) : null));

    private static readonly Gen<GroupDefinition> Definitions =
        Gen.Select(Parts, Selectors, Word, Gen.Int[0, 4]).Select((part, selector, name, kind) => kind switch
        {
            0 => new GroupDefinition.OfEndpoints(new ResolvedScope.Named(new TenantName(name), new TenantName("z")), part),
            1 => new GroupDefinition.OfEndpoints(new ResolvedScope.AllBut(new TenantName(name)), part),
            2 => new GroupDefinition.OfEndpoints(new ResolvedScope.Matching(selector), part),
            3 => new GroupDefinition.OfNetworkSet(new NetworkSetName(name)),
            _ => (GroupDefinition)new GroupDefinition.OfNodes(selector),
        });

    [Fact]
    public void A_group_is_the_same_after_the_way_to_another_silo() =>
        Definitions.Sample(definition =>
        {
            var want = WantEncoding.ToWant(definition);
            want.Id.ShouldBe(definition.Id.Value);
            WantEncoding.FromWant(want).ShouldBe(definition);
            WantEncoding.FromWant(want).Id.ShouldBe(definition.Id);
        });

    [Fact]
    public void A_part_is_the_same_after_the_way_to_another_silo() =>
        Parts.Sample(part =>
        {
            WantEncoding.FromWant(WantEncoding.ToWant(part)).ShouldBe(part);
            WantEncoding.FromWant(WantEncoding.ToWant(part)).Id.ShouldBe(part.Id);
        });
}
