using System.Collections.Immutable;
using System.Text;
using Vallum.Manifests;
using ApiObject = Vallum.Contracts.Api.V1.Object;

namespace Vallum.EndToEnd.Tests.Running;

/// <summary>Documents as the command reads them.</summary>
internal static class Documents
{
    /// <exception cref="InvalidDataException">The text is no manifest; with every fault.</exception>
    public static ImmutableArray<ApiObject> Read(string source, string text)
    {
        var read = ManifestReader.Read(source, Encoding.UTF8.GetBytes(text));
        return read.IsValid ? [.. read.Manifests.Select(manifest => manifest.Object)] : throw new InvalidDataException(string.Join('\n', read.Faults));
    }
}
