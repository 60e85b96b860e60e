using System.Diagnostics;
using System.Globalization;
using Vallum.Testing.Worlds;
using Vallum.Workloads;

namespace Vallum.Load.Compiling;

/// <summary>One shape in a process of its own, so that what the process took is what the shape takes.</summary>
internal sealed class CompileMeasurement(Shape shape, int changes)
{
    private const int WarmUps = 6;
    private const double MiB = 1 << 20;

    private readonly List<ClusterChange> _edits = [];

    /// <exception cref="InvalidOperationException">What the changes led to is not what a compilation from nothing makes.</exception>
    public CompileFigures Run()
    {
        WarmUp();
        var world = new World(shape);
        var objects = new ObjectsNow(world, []);
        var compiled = Begin(world, objects);
        var inputs = objects.Inputs;
        objects = null;
        var before = Heap();

        var (allocated, processor, start) = (GC.GetTotalAllocatedBytes(), Environment.CpuUsage.TotalTime, Stopwatch.GetTimestamp());
        compiled.Load(inputs);
        var loaded = Stopwatch.GetTimestamp();
        var desires = compiled.Desires().ToArray();
        var end = Stopwatch.GetTimestamp();
        var resident = Resident();
        (allocated, processor) = (GC.GetTotalAllocatedBytes() - allocated, Environment.CpuUsage.TotalTime - processor);
        inputs = null;
        var heap = Heap();

        var figures = new CompileFigures(
            shape.Name,
            shape.Tenants,
            shape.Endpoints,
            shape.Policies,
            shape.Nodes,
            compiled.Resources,
            desires.Sum(node => (long)node.Resources),
            Stopwatch.GetElapsedTime(start, end).TotalMilliseconds,
            compiled.Times.Compiling.TotalMilliseconds,
            compiled.Times.Encoding.TotalMilliseconds,
            compiled.Times.Publishing.TotalMilliseconds,
            Stopwatch.GetElapsedTime(loaded, end).TotalMilliseconds,
            processor.TotalMilliseconds,
            allocated / MiB,
            before / MiB,
            heap / MiB,
            resident,
            [.. Changes(world, compiled)]);
        Verify(world, compiled);
        return figures;
    }

    private static CompiledWorld Begin(World world, ObjectsNow objects) => new(world.Nodes, objects.Tenants, objects.TenantsAt);

    private void WarmUp()
    {
        var world = new World(shape.Smaller(100));
        for (var round = 0; round < WarmUps; round++)
        {
            var objects = new ObjectsNow(world, []);
            var compiled = Begin(world, objects);
            compiled.Load(objects.Inputs);
            _ = compiled.Desires().Count();
        }
    }

    private IEnumerable<ChangeFigures> Changes(World world, CompiledWorld compiled)
    {
        if (changes == 0)
        {
            yield break;
        }

        var churn = world.Churn();
        var few = Math.Max(3, changes / 100);
        (ChangeKind Kind, int Count)[] plan =
        [
            (ChangeKind.EndpointGoes, changes),
            (ChangeKind.EndpointComes, changes),
            (ChangeKind.PolicyChanged, changes),
            (ChangeKind.EndpointRelabelled, changes),
            (ChangeKind.TenantRelabelled, few),
            (ChangeKind.SegmentDrained, few),
            (ChangeKind.TenantDeleted, shape.Tenants > 1 ? few : 0),
        ];
        foreach (var (kind, count) in plan.Where(step => step.Count > 0))
        {
            var times = new List<ChangeTimes>();
            for (var round = 0; round < count + (count / 2); round++)
            {
                var change = churn.Next(kind);
                var took = Apply(compiled, change);
                if (change.Kind == kind && round >= count / 2)
                {
                    times.Add(took);
                }

                // What left comes back before it is anybody's turn again, so that each change is made to a full world.
                if (kind is ChangeKind.TenantDeleted or ChangeKind.SegmentDrained)
                {
                    Refill(compiled, churn, change);
                }
            }

            yield return new ChangeFigures(
                kind, times.Count, Quantiles.Of(times.Select(one => one.Known)), Quantiles.Of(times.Select(one => one.Published)), times.Average(one => one.Resources));
        }
    }

    private void Refill(CompiledWorld compiled, Churn churn, Change change)
    {
        if (change.Kind == ChangeKind.TenantDeleted)
        {
            Apply(compiled, churn.Next(ChangeKind.TenantComes));
        }

        for (var back = 0; change.Kind == ChangeKind.SegmentDrained && back < change.Edits.Length; back++)
        {
            Apply(compiled, churn.Next(ChangeKind.EndpointComes));
        }
    }

    private ChangeTimes Apply(CompiledWorld compiled, Change change)
    {
        _edits.AddRange(change.Edits);
        var told = change.Edits.OfType<ClusterChange.PutTenant>().SingleOrDefault();
        var inputs = ObjectsNow.InputsOf(change.Edits);
        var took = compiled.Change(change.Tenant, inputs);
        if (told is null && change.Kind != ChangeKind.TenantDeleted)
        {
            return took;
        }

        var directory = compiled.View.Tenants;
        var start = Stopwatch.GetTimestamp();
        compiled.SetTenants(told is null ? directory.Remove(change.Tenant) : directory.SetItem(change.Tenant, told.Tenant.Labels));
        return took with { Published = took.Published + Stopwatch.GetElapsedTime(start) };
    }

    private void Verify(World world, CompiledWorld compiled)
    {
        var objects = new ObjectsNow(world, _edits);
        var fresh = Begin(world, objects);
        fresh.Load(objects.Inputs);
        var expected = fresh.Desires().ToDictionary(node => node.Node);
        foreach (var node in compiled.Desires().Where(node => node != expected[node.Node]))
        {
            throw new InvalidOperationException($"{shape.Name}: after {_edits.Count} edits {node}, compiled from nothing {expected[node.Node]}");
        }
    }

    private static double Heap()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return GC.GetTotalMemory(forceFullCollection: true);
    }

    private static double Resident()
    {
        var line = File.ReadLines("/proc/self/status").Single(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        return double.Parse(line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
    }
}
