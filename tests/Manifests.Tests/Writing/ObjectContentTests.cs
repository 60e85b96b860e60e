using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Vallum.Contracts.Api.V1;
using Vallum.Manifests.Writing;

namespace Vallum.Manifests.Tests.Writing;

public sealed class ObjectContentTests
{
    [Fact]
    public void The_order_in_which_labels_were_added_does_not_matter()
    {
        var keys = Enumerable.Range(0, 20).Select(i => $"key-{i}").ToList();
        var bytes = Normalized(keys);
        Normalized(Enumerable.Reverse(keys)).ShouldBe(bytes);
        Policy.Parser.ParseFrom(bytes).Metadata.Labels.Keys.ShouldBe(keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Maps_inside_rules_are_sorted_too()
    {
        static byte[] Of(params string[] keys)
        {
            var selector = new LabelSelector();
            selector.MatchLabels.Add(keys.ToDictionary(k => k, _ => "v"));
            var peer = new Peer { Endpoints = new EndpointSelector { Selector = selector } };
            return ObjectContent.Normalize(new Policy { Spec = new PolicySpec { Ingress = { new Rule { Peers = { peer } } } } });
        }

        Of("b", "a").ShouldBe(Of("a", "b"));
    }

    [Fact]
    public void What_the_server_adds_is_left_out_and_the_message_stays_as_it_is()
    {
        var policy = new Policy
        {
            Name = "tenants/shop/policies/web",
            Metadata = new Metadata { Uid = "u", Etag = "7", Generation = 3, Revision = 9, CreateTime = new Timestamp { Seconds = 1 } },
            Status = new PolicyStatus { NodesDesired = 4 },
        };
        ObjectContent.Normalize(policy).ShouldBe(new Policy { Name = policy.Name }.ToByteArray());
        policy.Metadata.Uid.ShouldBe("u");
    }

    [Fact]
    public void A_default_that_is_written_stays_written() =>
        Policy.Parser.ParseFrom(ObjectContent.Normalize(new Policy { Spec = new PolicySpec { Mode = PolicyMode.Enforced } })).Spec.Mode.ShouldBe(PolicyMode.Enforced);

    private static byte[] Normalized(IEnumerable<string> keys)
    {
        var policy = new Policy { Name = "tenants/shop/policies/web", Metadata = new Metadata() };
        foreach (var key in keys)
        {
            policy.Metadata.Labels.Add(key, "v");
        }

        return ObjectContent.Normalize(policy);
    }
}
