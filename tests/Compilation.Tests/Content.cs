using Vallum.Policies.Compilation;
using Vallum.Policies.Resources;
using Vallum.Testing.Compiled;
using Vallum.Testing.Worlds;

namespace Vallum.Compilation.Tests;

/// <summary>Resources as lines of text, sorted: compared by content, and readable where they differ.</summary>
internal static class Content
{
    public static string[] Of(CompiledCluster cluster) =>
        [.. cluster.Tenants.Values.OrderBy(t => t.Name).SelectMany(t => Of(t.Held.Values).Select(line => $"tenant {t.Name}: {line}"))];

    public static string[] Of(TenantCompiler compiler) => Of(compiler.Snapshot().Select(whole => Resource.Apply(null, whole)!));

    public static string[] Of(IEnumerable<Resource> resources) => [.. resources.SelectMany(Of).Order(StringComparer.Ordinal)];

    private static IEnumerable<string> Of(Resource resource) =>
        resource.Entries.Select(e => $"{resource.Key} holds {WorldText.Of(e)}").Prepend($"{resource.Key} is {WorldText.Of(resource.Head)}");

    /// <summary>Fails with the lines that only one of both has.</summary>
    public static void ShouldHold(this string[] actual, string[] expected)
    {
        var missing = expected.Except(actual).Select(line => $"missing: {line}");
        var tooMuch = actual.Except(expected).Select(line => $"too much: {line}");
        missing.Concat(tooMuch).ShouldBeEmpty();
    }
}
