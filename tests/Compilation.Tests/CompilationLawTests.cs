using CsCheck;
using Vallum.Policies.Model;
using Vallum.Testing.Compiled;
using Vallum.Testing.Worlds;

namespace Vallum.Compilation.Tests;

/// <summary>What holds of the compiler whatever the policies mean.</summary>
public sealed class CompilationLawTests
{
    private static readonly TenantName Red = Vocabulary.Tenants[0];

    [Fact]
    public void Resources_depend_on_the_objects_alone_and_never_on_the_path_to_them() =>
        WorldGens.Histories(longest: 30).Sample(
            history =>
            {
                var cluster = CompiledCluster.Of(history.Start);
                foreach (var change in history.Changes)
                {
                    cluster.Apply(change);
                }

                Content.Of(cluster).ShouldHold(Content.Of(CompiledCluster.Of(cluster.State)));
            },
            iter: 400);

    [Fact]
    public void Deltas_put_together_are_the_snapshot() =>
        WorldGens.Histories(longest: 30).Sample(
            history =>
            {
                var cluster = CompiledCluster.Of(history.Start);
                foreach (var change in history.Changes)
                {
                    cluster.Apply(change);
                    foreach (var tenant in cluster.Tenants.Values)
                    {
                        Content.Of(tenant.Compiler).ShouldHold(Content.Of(tenant.Held.Values));
                    }
                }
            },
            iter: 150);

    [Fact]
    public void A_batch_makes_the_same_as_its_parts_one_by_one() =>
        Gen.Select(WorldGens.Histories(longest: 30), Gen.Int[1, 10]).Sample(
            (history, size) =>
            {
                var whole = CompiledCluster.Of(history.Start);
                var split = CompiledCluster.Of(history.Start);
                whole.Apply(history.Changes);
                foreach (var part in history.Changes.Chunk(size))
                {
                    split.Apply(part);
                }

                Content.Of(split).ShouldHold(Content.Of(whole));
            },
            iter: 400);

    [Fact]
    public void The_order_within_a_batch_does_not_matter() =>
        Gen.Select(WorldGens.Worlds, WorldGens.Worlds, Gen.Int).Sample(
            (before, after, seed) =>
            {
                var ordered = new CompiledTenant(Red);
                var shuffled = new CompiledTenant(Red);
                var build = TenantInputs.Difference(ClusterState.Empty, before, Red).ToArray();
                var change = TenantInputs.Difference(before, after, Red).ToArray();
                ordered.Apply(build);
                ordered.Apply(change);
                new Random(seed).Shuffle(build);
                new Random(seed).Shuffle(change);
                shuffled.Apply(build);
                shuffled.Apply(change);

                Content.Of(shuffled.Held.Values).ShouldHold(Content.Of(ordered.Held.Values));
            },
            iter: 400);

    [Fact]
    public void There_and_back_within_a_batch_moves_nothing() =>
        Gen.Select(WorldGens.Worlds, WorldGens.Worlds).Sample(
            (here, there) =>
            {
                var tenant = new CompiledTenant(Red);
                tenant.Apply(TenantInputs.Difference(ClusterState.Empty, here, Red));

                tenant.Apply(TenantInputs.Difference(here, there, Red).Concat(TenantInputs.Difference(there, here, Red)))
                    .Select(d => d.Key).ShouldBeEmpty();
            },
            iter: 400);

    [Fact]
    public void What_is_told_again_moves_nothing() =>
        WorldGens.Worlds.Sample(
            world =>
            {
                var tenant = new CompiledTenant(Red);
                var inputs = TenantInputs.Difference(ClusterState.Empty, world, Red).ToArray();
                tenant.Apply(inputs);

                tenant.Apply(inputs).Select(d => d.Key).ShouldBeEmpty();
            },
            iter: 400);

    [Fact]
    public void When_all_objects_are_gone_nothing_is_left() =>
        WorldGens.Worlds.Sample(
            world =>
            {
                var cluster = CompiledCluster.Of(world);
                cluster.Apply(Vocabulary.Tenants.Select(t => new ClusterChange.RemoveTenant(t)));
                cluster.Apply(world.Policies.Keys.Select(p => new ClusterChange.RemovePolicy(p)));

                cluster.Tenants.Values.SelectMany(t => t.Held.Keys).ShouldBeEmpty();
                cluster.Tenants.Values.SelectMany(t => t.Compiler.Snapshot()).ShouldBeEmpty();
            },
            iter: 150);
}
