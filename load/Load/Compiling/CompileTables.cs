using System.Globalization;
using System.Text;
using Vallum.Workloads;

namespace Vallum.Load.Compiling;

internal static class CompileTables
{
    private static readonly CultureInfo Culture = CultureInfo.InvariantCulture;

    /// <param name="compilers">Of the same shapes.</param>
    /// <param name="loaded">The same changes beside more and more policies.</param>
    public static string Of(IReadOnlyList<CompileFigures> shapes, IReadOnlyList<CompilerFigures> compilers, IReadOnlyList<CompileFigures> loaded)
    {
        var text = new StringBuilder();
        text.Append("### From nothing\n\n");
        text.Append("| world | tenants | endpoints | policies | compiled, s | processor, s | most resident, MiB | aimed at | peer |\n|---|--:|--:|--:|--:|--:|--:|---|---|\n");
        foreach (var (shape, compiler) in shapes.Zip(compilers))
        {
            text.Append(Culture, $"| {shape.Shape} | {shape.Tenants:n0} | {shape.Endpoints:n0} | {shape.Policies:n0} | {compiler.Milliseconds / 1000:f2} | {compiler.ProcessorMilliseconds / 1000:f2} | {compiler.ResidentMiB:n0} | {Aim(shape.Shape)} | {CompileTarget.Of.GetValueOrDefault(shape.Shape)?.Peer} |\n");
        }

        text.Append("\nThe same, encoded, in the hub, and the digest over what each node is to hold known:\n\n");
        text.Append("| world | nodes | resources | held by nodes, all together | s | processor, s | compile, encode: thread s | hub: s | nodes: s | allocated, MiB | objects, MiB | heap, MiB | most resident, MiB |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n");
        foreach (var shape in shapes)
        {
            text.Append(Culture, $"| {shape.Shape} | {shape.Nodes:n0} | {shape.Resources:n0} | {shape.PerNodeSum:n0} | {shape.Milliseconds / 1000:f2} | {shape.ProcessorMilliseconds / 1000:f2} | {shape.Compiling / 1000:f2}, {shape.Encoding / 1000:f2} | {shape.Publishing / 1000:f2} | {shape.Desires / 1000:f2} | {shape.AllocatedMiB:n0} | {shape.ObjectsMiB:n0} | {shape.HeapMiB:n0} | {shape.ResidentMiB:n0} |\n");
        }

        text.Append(Culture, $"\n### One change, with the world loaded\n\nMicroseconds. Aimed at: an endpoint that comes, p50 ≤ {CompileTarget.EndpointMicroseconds:f0} (Antrea 340).\n\n");
        text.Append(ChangesHead("world"));
        foreach (var shape in shapes)
        {
            Append(text, shape.Shape, shape.Changes);
        }

        text.Append(Culture, $"\n### The same change beside more and more policies\n\nOne tenant, 10,000 endpoints on 100 nodes; aimed at: within {CompileTarget.LoadedRatio:f1} × of each other.\n\n");
        text.Append(ChangesHead("policies"));
        foreach (var shape in loaded)
        {
            Append(text, shape.Policies.ToString("n0", Culture), shape.Changes);
        }

        return text.ToString();
    }

    private static string ChangesHead(string first) =>
        $"| {first} | change | times | known p50 | p99 | max | then in the hub p50 | p99 | max | resources |\n|---|---|--:|--:|--:|--:|--:|--:|--:|--:|\n";

    private static void Append(StringBuilder text, string first, IEnumerable<ChangeFigures> changes)
    {
        foreach (var change in changes)
        {
            text.Append(Culture, $"| {first} | {Words(change.Kind)} | {change.Count:n0} | {Columns(change.Known)} | {Columns(change.Published)} | {change.Resources:f1} |\n");
        }
    }

    private static string Columns(Quantiles quantiles) => string.Create(Culture, $"{quantiles.P50:n1} | {quantiles.P99:n0} | {quantiles.Max:n0}");

    private static string Aim(string shape) => CompileTarget.Of.GetValueOrDefault(shape) is not { } target
        ? ""
        : string.Create(Culture, $"≤ {target.Seconds:f1} s{(target.ResidentMiB is { } resident ? $", ≤ {resident:n0} MiB" : "")}");

    private static string Words(ChangeKind kind) => kind switch
    {
        ChangeKind.EndpointComes => "endpoint comes",
        ChangeKind.EndpointGoes => "endpoint goes",
        ChangeKind.EndpointRelabelled => "endpoint relabelled",
        ChangeKind.PolicyChanged => "policy changed",
        ChangeKind.TenantRelabelled => "tenant relabelled",
        ChangeKind.SegmentDrained => "segment drained",
        ChangeKind.TenantDeleted => "tenant deleted",
        _ => "tenant comes",
    };
}
