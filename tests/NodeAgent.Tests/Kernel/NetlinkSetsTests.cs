using System.Collections.Immutable;
using System.Text.RegularExpressions;
using CsCheck;
using Vallum.Dataplane.Kernel;
using Vallum.Dataplane.Model;
using Vallum.Dataplane.Planning;
using Vallum.NodeAgent.Kernel;
using Vallum.NodeAgent.Kernel.Ipset;
using Vallum.Primitives;

namespace Vallum.NodeAgent.Tests.Kernel;

/// <summary>The sets by netlink, held against ipset in another namespace.</summary>
public sealed partial class NetlinkSetsTests
{
    private const string Name = "vallum4-s";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Netlink_leaves_what_ipset_restore_leaves()
    {
        using var one = NetworkNamespace.Create();
        using var other = NetworkNamespace.Create();
        var netlink = one.Sets();
        var tools = new ToolSets(other.Processes);
        await netlink.ChangeAsync(SetOperations.Creates, Token);
        await tools.ChangeAsync(SetOperations.Creates, Token);
        await SetOperations.Sequence.SampleAsync(
            async operations =>
            {
                await netlink.ChangeAsync(operations, Token);
                await tools.ChangeAsync(operations, Token);
                (await SaveAsync(one)).ShouldBe(await SaveAsync(other));
            },
            iter: 150,
            threads: 1);
    }

    [Fact]
    public async Task What_netlink_lists_is_what_ipset_saves()
    {
        using var space = NetworkNamespace.Create();
        var netlink = space.Sets();
        var tools = new ToolSets(space.Processes);
        await space.FeedAsync("create stranger hash:ip\nadd stranger 10.0.0.1\n", "ipset", "restore");
        await netlink.ChangeAsync(SetOperations.Creates, Token);
        await SetOperations.Sequence.SampleAsync(
            async operations =>
            {
                await netlink.ChangeAsync(operations, Token);
                var saved = await tools.ReadAsync(Token);
                Text(await netlink.ReadAsync(Token)).ShouldBe(Text(saved));
                (await netlink.CountMembersAsync(Token)).ShouldBe(await tools.CountMembersAsync(Token));
                (await netlink.HoldAsync(saved, Token)).ShouldBeTrue();
                (await tools.HoldAsync(saved, Token)).ShouldBeTrue();
            },
            iter: 60,
            threads: 1);
    }

    [Fact]
    public async Task A_member_more_less_or_other_is_noticed()
    {
        using var space = NetworkNamespace.Create();
        foreach (var sets in new[] { space.Sets(), new ToolSets(space.Processes) })
        {
            await sets.ChangeAsync([Create(), new SetOperation.Add(Name, [Member("10.0.0.0/8"), Member("10.1.0.0/16") with { NoMatch = true }])], Token);
            var wanted = await sets.ReadAsync(Token);
            await HoldsUntilAsync(new SetOperation.Add(Name, [Member("10.2.0.0/16")]));
            await HoldsUntilAsync(new SetOperation.Add(Name, [Member("10.1.0.0/16")]));
            await HoldsUntilAsync(new SetOperation.Remove(Name, [Member("10.0.0.0/8")]), new SetOperation.Add(Name, [Member("10.0.0.0/9")]));
            await HoldsUntilAsync(new SetOperation.Create(new KernelSet("vallum6-s", SetType.Net, IpFamily.V6, MemberSet.Empty)));

            async Task HoldsUntilAsync(params SetOperation[] disturbance)
            {
                (await sets.HoldAsync(wanted, Token)).ShouldBeTrue();
                await sets.ChangeAsync([.. disturbance], Token);
                (await sets.HoldAsync(wanted, Token)).ShouldBeFalse();
                await sets.DropAsync([.. (await sets.CountMembersAsync(Token)).Keys], Token);
                await sets.ChangeAsync([Create(), new SetOperation.Add(Name, [.. wanted[Name].Members])], Token);
            }
        }
    }

    [Fact]
    public async Task Thousands_of_members_travel_in_one_call_and_come_back()
    {
        using var space = NetworkNamespace.Create();
        var sets = space.Sets();
        var members = Enumerable.Range(0, 10_001).Select(n => new SetMember(Cidr.Host(Address.V4(0x0A000000u + (uint)n)), IpProtocol.Tcp, (ushort)n)).ToImmutableArray();
        await sets.ChangeAsync([Create(SetType.NetPort), new SetOperation.Add(Name, members)], Token);
        (await sets.ReadAsync(Token))[Name].Members.Order().ShouldBe(members);
        await sets.ChangeAsync([new SetOperation.Remove(Name, members)], Token);
        (await sets.CountMembersAsync(Token))[Name].ShouldBe(0);
    }

    [Fact]
    public async Task A_refusal_names_the_set_the_member_and_what_to_do()
    {
        using var space = NetworkNamespace.Create();
        var sets = space.Sets();
        await RefusedAsync([new SetOperation.Add(Name, [Member("10.0.0.0/8")])], "ipset: add vallum4-s 10.0.0.0/8: there is no such set");

        await space.RunAsync("ipset", "create", Name, "hash:net", "hashsize", "64", "maxelem", "3");
        await RefusedAsync([Create()], "ipset: create vallum4-s: a set of this name with another type, family or size is there");
        SetMember[] four = [Member("10.0.1.0/24"), Member("10.0.2.0/24"), Member("10.0.3.0/24"), Member("10.0.4.0/24"), Member("10.0.5.0/24")];
        await RefusedAsync([new SetOperation.Add(Name, [.. four])], "ipset: add vallum4-s 10.0.4.0/24: the set is full at its maxelem");
        (await sets.CountMembersAsync(Token))[Name].ShouldBe(3);

        await RefusedAsync([new SetOperation.Add(Name, [Member("fd00::/64"), Member("fd00::/65")])], "add vallum4-s fd00::/64: the kernel takes no such message: a member of the other family");
        await RefusedAsync([new SetOperation.Swap(Name, "vallum4-t")], "swap vallum4-s vallum4-t: there is no set of the second name");
        await space.RunAsync("iptables-nft", "-A", "FORWARD", "-m", "set", "--match-set", Name, "src", "-j", "DROP");
        await RefusedAsync([new SetOperation.Destroy(Name)], "destroy vallum4-s: the set is in use by a rule");
        await sets.DropAsync([Name, "vallum4-nobody"], Token);
        await space.RunAsync("iptables-nft", "-D", "FORWARD", "1");
        await sets.DropAsync([Name, "vallum4-nobody"], Token);
        (await sets.CountMembersAsync(Token)).ShouldBeEmpty();

        async Task RefusedAsync(ImmutableArray<SetOperation> operations, string words) =>
            (await Should.ThrowAsync<SetRefusedException>(() => sets.ChangeAsync(operations, Token))).Message.ShouldContain(words);
    }

    private static SetOperation.Create Create(SetType type = SetType.Net) => new SetOperation.Create(new KernelSet(Name, type, IpFamily.V4, MemberSet.Empty));

    private static SetMember Member(string block) => new(Cidr.Parse(block));

    private static string Text(ImmutableSortedDictionary<string, KernelSet> sets) => (KernelState.Empty with { Sets = sets }).ToString();

    /// <summary>Sorted, without what is random (the seed of the hash) or follows from it (when a table grew).</summary>
    private static async Task<string> SaveAsync(NetworkNamespace space) =>
        string.Join('\n', Random().Replace(await space.RunAsync("ipset", "save"), "").Split('\n').Order(StringComparer.Ordinal));

    [GeneratedRegex(" (hashsize|initval) \\w+")]
    private static partial Regex Random();
}
