using System.Text;

namespace Vallum.Manifests.Tests.Documents;

internal static class Read
{
    public static ManifestSet Text(string text, string source = "shop.yaml") => ManifestReader.Read(source, Encoding.UTF8.GetBytes(text));

    /// <summary>The faults as they are shown.</summary>
    public static IEnumerable<string> FaultsOf(string text) => Text(text).Faults.Select(f => f.ToString());

    public static Contracts.Api.V1.Object One(string text)
    {
        var read = Text(text);
        read.Faults.ShouldBeEmpty();
        return read.Manifests.ShouldHaveSingleItem().Object;
    }
}
