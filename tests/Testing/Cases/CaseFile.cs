using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.IO.Compression;
using System.Text.Json;

namespace Vallum.Testing.Cases;

/// <summary>
/// Kubernetes NetworkPolicy cases as data. The files lie beside the checkout, in ../shared/cases, and are not part of it.
/// </summary>
public sealed record CaseFile(JsonElement Meta, ImmutableArray<Case> Cases)
{
    /// <summary>The upstream end-to-end suite: 48 cases, 65 steps.</summary>
    public const string Kubernetes = "k8s-netpol-cases.json";

    /// <summary>The generated cases of cyclonus: 230 cases, 256 steps.</summary>
    public const string Cyclonus = "cyclonus-cases.json.gz";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { AllowOutOfOrderMetadataProperties = true };

    /// <summary>False when the file is absent, with the reason to skip; a file that is there and cannot be read is an exception.</summary>
    public static bool TryRead(string name, [NotNullWhen(true)] out CaseFile? file, [NotNullWhen(false)] out string? reason)
    {
        file = null;
        reason = null;
        if (Repository.Root is not { } root)
        {
            reason = "No ControlPlane.sln above the running test: the case files cannot be found.";
            return false;
        }

        var path = Path.GetFullPath(Path.Combine(root, "..", "shared", "cases", name));
        if (!File.Exists(path))
        {
            reason = $"The case file {path} is absent.";
            return false;
        }

        using var stream = Open(path);
        file = JsonSerializer.Deserialize<CaseFile>(stream, Json) ?? throw new InvalidDataException($"{path} is empty.");
        return true;
    }

    private static Stream Open(string path) =>
        path.EndsWith(".gz", StringComparison.Ordinal)
            ? new GZipStream(File.OpenRead(path), CompressionMode.Decompress)
            : File.OpenRead(path);
}

/// <summary>Steps that are played in order on one state.</summary>
public sealed record Case(int Id, string Description, ImmutableArray<CaseStep> Steps)
{
    /// <summary>Of cyclonus; empty in the other file.</summary>
    public ImmutableArray<string> Tags { get; init; } = [];

    public override string ToString() => $"case {Id}: {Description}";
}

/// <summary>What changed since the step before, the whole state after it, and who then reaches whom.</summary>
/// <param name="Step">From 1.</param>
/// <param name="Policies">networking.k8s.io/v1 NetworkPolicy objects as they are; some of cyclonus lack apiVersion and kind.</param>
/// <param name="PodOrder">The keys of the pods, in the order of the rows and columns of the tables.</param>
public sealed record CaseStep(
    int Step,
    ImmutableArray<CaseAction> Actions,
    ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, string>> Namespaces,
    ImmutableArray<CasePod> Pods,
    ImmutableArray<JsonElement> Policies,
    ImmutableArray<string> PodOrder,
    ImmutableArray<ExpectedTable> Expected);

/// <param name="Key">"namespace/name".</param>
public sealed record CasePod(
    string Key,
    string Namespace,
    string Name,
    string Ip,
    ImmutableSortedDictionary<string, string> Labels,
    ImmutableArray<CaseContainer> Containers);

/// <param name="Protocol">TCP, UDP or SCTP.</param>
public sealed record CaseContainer(string Name, ushort Port, string PortName, string Protocol);
