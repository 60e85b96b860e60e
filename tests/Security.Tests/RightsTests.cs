using Vallum.Manifests.Parsing;
using Vallum.Silo.Security.Access;

namespace Vallum.Security.Tests;

/// <summary>The roles, as a table.</summary>
public sealed class RightsTests
{
    [Theory]
    //          group                    tenant segment endpoint policy | of bank: segment policy | node, set, operator's policy | reads: shop, bank, cluster
    [InlineData("vallum:admin", "TSEP", "SP", "NWO", "sbc")]
    [InlineData("vallum:operator", "TSE", "S", "NW", "sbc")]
    [InlineData("vallum:viewer", "", "", "", "sbc")]
    [InlineData("vallum:editor:shop", "SEP", "", "", "s")]
    [InlineData("vallum:viewer:shop", "", "", "", "s")]
    [InlineData("vallum:editor", "", "", "", "")]
    [InlineData("vallum:admin:shop", "", "", "", "")]
    [InlineData("admin", "", "", "", "")]
    [InlineData("vallum:editor:*", "", "", "", "")]
    public void A_group_allows_this_and_no_more(string group, string own, string other, string cluster, string reads)
    {
        var rights = AccessTable.RightsOf(null, "user:x", [group]);

        Changes(rights, "shop", (ObjectType.Tenant, 'T'), (ObjectType.Segment, 'S'), (ObjectType.Endpoint, 'E'), (ObjectType.Policy, 'P')).ShouldBe(own);
        Changes(rights, "bank", (ObjectType.Segment, 'S'), (ObjectType.Policy, 'P')).ShouldBe(other);
        Changes(rights, null, (ObjectType.Node, 'N'), (ObjectType.NetworkSet, 'W'), (ObjectType.Policy, 'O')).ShouldBe(cluster);
        string.Concat(rights.MayRead("shop") ? "s" : "", rights.MayRead("bank") ? "b" : "", rights.MayRead(null) ? "c" : "").ShouldBe(reads);
    }

    [Fact]
    public void A_file_gives_roles_to_users_and_groups_beside_the_built_in_ones()
    {
        var table = AccessTable.Parse("""{"bindings": [{"role": "viewer", "users": ["user:ann"]}, {"role": "editor", "tenants": ["a", "b"], "groups": ["team"]}]}""");

        AccessTable.RightsOf(table, "user:ann", []).ReadsEverything.ShouldBeTrue();
        AccessTable.RightsOf(table, "token:ann", []).AreNone.ShouldBeTrue();
        AccessTable.RightsOf(table, "user:bob", ["team", "vallum:viewer:c"]).Tenants.Order().ShouldBe(["a", "b", "c"]);
    }

    [Theory]
    [InlineData("""{"bindings": [{"role": "viewer", "tenant": ["shop"], "users": ["user:ann"]}]}""", "tenant")]
    [InlineData("""{"bindings": [{"role": "viewer", "tenants": [], "users": ["user:ann"]}]}""", "tenants")]
    [InlineData("""{"bindings": [{"role": "editor", "users": ["user:ann"]}]}""", "tenants")]
    [InlineData("""{"bindings": [{"role": "admin", "tenants": ["shop"], "users": ["user:ann"]}]}""", "tenants")]
    [InlineData("""{"bindings": [{"role": "admin", "users": ["ann"]}]}""", "user:")]
    [InlineData("""{"bindings": [{"role": "admin"}]}""", "users or groups")]
    [InlineData("""{"bindings": [{"role": "god", "users": ["user:ann"]}]}""", "role")]
    [InlineData("""[]""", "")]
    public void A_file_that_could_mean_more_than_it_says_is_refused(string json, string words) =>
        Should.Throw<InvalidDataException>(() => AccessTable.Parse(json)).Message.ShouldContain(words);

    private static string Changes(Rights rights, string? tenant, params (ObjectType Type, char Letter)[] types) =>
        string.Concat(types.Where(type => rights.MayChange(type.Type, tenant)).Select(type => type.Letter));
}
