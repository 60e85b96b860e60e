using Vallum.Manifests.Own;

namespace Vallum.Cli.Output;

/// <summary>Two states of one object, line by line; either may be none.</summary>
internal static class ObjectDiff
{
    public static void Write(string name, (string Word, Contracts.Api.V1.Object? Value) before, (string Word, Contracts.Api.V1.Object? Value) after, TextWriter output)
    {
        output.WriteLine($"--- {name} ({before.Word})");
        output.WriteLine($"+++ {name} ({after.Word})");
        foreach (var line in LineDiff.Between(Lines(before.Value), Lines(after.Value)))
        {
            output.WriteLine(line);
        }
    }

    private static string[] Lines(Contracts.Api.V1.Object? value) =>
        value is null ? [] : OwnKindWriter.ToYaml(value).TrimEnd('\n').Split('\n');
}
