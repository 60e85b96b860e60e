using Vallum.Cluster.Tests.Hosts;

namespace Vallum.Cluster.Tests;

public sealed class AddressTests(SharedSilo shared)
{
    private readonly string _mine = SharedSilo.NewTenant();
    private readonly string _theirs = SharedSilo.NewTenant();
    private readonly string _address = SharedSilo.NewAddress();

    private ITenantGrain Mine => shared.Silo.Tenant(_mine);

    private ITenantGrain Theirs => shared.Silo.Tenant(_theirs);

    [Fact]
    public async Task An_address_of_another_tenants_endpoint_is_refused_and_its_owner_named()
    {
        await BeginAsync();
        await Theirs.Apply(Make.Batch(Make.Endpoint(_theirs, "db", "web", "n0", _address)));
        var free = SharedSilo.NewAddress();

        var reply = await Mine.Apply(Make.Batch(Make.Endpoint(_mine, "ok", "web", "n0", free), Make.Endpoint(_mine, "a", "web", "n0", _address)));

        var violation = reply.Fault.ShouldNotBeNull().Violations.ShouldHaveSingleItem();
        (violation.Change, violation.Field, violation.Reason).ShouldBe((1, "spec.addresses[0]", "ADDRESS_IN_USE"));
        violation.Description.ShouldContain($"{_theirs}/db");
        // What the refused batch had claimed already is free again.
        (await Theirs.Apply(Make.Batch(Make.Endpoint(_theirs, "free", "web", "n0", free)))).Fault.ShouldBeNull();
    }

    [Fact]
    public async Task An_address_that_an_endpoint_gives_up_can_be_taken_at_once()
    {
        await BeginAsync();
        await Theirs.Apply(Make.Batch(Make.Endpoint(_theirs, "db", "web", "n0", _address)));
        await Theirs.Apply(Make.Batch(Make.Endpoint(_theirs, "db", "web", "n0", SharedSilo.NewAddress())));

        (await Mine.Apply(Make.Batch(Make.Endpoint(_mine, "a", "web", "n0", _address)))).Fault.ShouldBeNull();
        (await Mine.OwnerOf(_address)).ShouldBe("a");
        (await Theirs.OwnerOf(_address)).ShouldBeNull();
    }

    [Fact]
    public async Task A_claim_that_its_tenant_knows_nothing_of_is_displaced()
    {
        await BeginAsync();
        var shard = shared.Silo.Grains.GetGrain<IAddressShardGrain>(IAddressShardGrain.KeyOf(_address));
        await shard.Claim(_theirs, [new AddressClaim(_address, 0)]);

        (await Mine.Apply(Make.Batch(Make.Endpoint(_mine, "a", "web", "n0", _address)))).Fault.ShouldBeNull();
        (await shard.ClaimantOf(_address)).ShouldBe(_mine);
    }

    [Fact]
    public async Task A_claim_that_was_made_anew_is_not_displaced()
    {
        var shard = shared.Silo.Grains.GetGrain<IAddressShardGrain>(IAddressShardGrain.KeyOf(_address));
        await shard.Claim(_theirs, [new AddressClaim(_address, 0)]);
        var seen = (await shard.Claim(_mine, [new AddressClaim(_address, 0)])).ShouldHaveSingleItem();
        await shard.Claim(_theirs, [new AddressClaim(_address, 0)]);

        (await shard.Claim(_mine, [new AddressClaim(_address, seen.Number)])).ShouldHaveSingleItem().Tenant.ShouldBe(_theirs);
    }

    [Fact]
    public async Task Two_tenants_that_want_one_address_at_the_same_time_never_both_get_it()
    {
        await BeginAsync();
        for (var round = 0; round < 20; round++)
        {
            var address = SharedSilo.NewAddress();
            var replies = await Task.WhenAll(
                Mine.Apply(Make.Batch(Make.Endpoint(_mine, $"a{round}", "web", "n0", address))),
                Theirs.Apply(Make.Batch(Make.Endpoint(_theirs, $"a{round}", "web", "n0", address))));

            replies.Count(reply => reply.Fault is null).ShouldBeLessThanOrEqualTo(1);
            var owners = new[] { await Mine.OwnerOf(address), await Theirs.OwnerOf(address) };
            owners.Count(owner => owner is not null).ShouldBe(replies.Count(reply => reply.Fault is null));
        }
    }

    [Fact]
    public async Task Inside_a_tenant_an_address_has_one_endpoint_and_two_may_swap_theirs_in_one_batch()
    {
        await BeginAsync();
        var other = SharedSilo.NewAddress();
        await Mine.Apply(Make.Batch(Make.Endpoint(_mine, "a", "web", "n0", _address), Make.Endpoint(_mine, "b", "web", "n0", other)));

        var taken = await Mine.Apply(Make.Batch(Make.Endpoint(_mine, "c", "web", "n0", _address)));
        taken.Fault.ShouldNotBeNull().Violations.ShouldHaveSingleItem().Description.ShouldContain($"{_mine}/a");
        (await Mine.Apply(Make.Batch(Make.Endpoint(_mine, "x", "web", "n0", "10.250.0.1"), Make.Endpoint(_mine, "y", "web", "n0", "10.250.0.1")))).Fault.ShouldNotBeNull();

        (await Mine.Apply(Make.Batch(Make.Endpoint(_mine, "a", "web", "n0", other), Make.Endpoint(_mine, "b", "web", "n0", _address)))).Fault.ShouldBeNull();
        (await Mine.OwnerOf(_address)).ShouldBe("b");
        (await Mine.OwnerOf(other)).ShouldBe("a");
    }

    private async Task BeginAsync()
    {
        await Mine.Apply(Make.Batch(Make.Shop(_mine, 0)));
        await Theirs.Apply(Make.Batch(Make.Shop(_theirs, 0)));
    }
}
