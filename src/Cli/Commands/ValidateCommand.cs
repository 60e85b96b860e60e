using System.CommandLine;
using System.Text.Json;
using Vallum.Cli.Files;
using Vallum.Cli.Output;
using Vallum.Manifests;
using Vallum.Manifests.Assembly;
using Vallum.Manifests.Documents;

namespace Vallum.Cli.Commands;

/// <summary>Are the files right? Judged here, without a server, as an Apply to an empty cluster.</summary>
internal static class ValidateCommand
{
    public static Command Build(TextWriter output, TextWriter error)
    {
        var files = new ManifestFiles();
        var partial = new Option<bool>("--partial") { Description = "The files are a part: what they name may exist elsewhere" };
        var format = OutputFormats.Option(OutputFormat.Table, OutputFormat.Json);
        var command = new Command("validate", "Check files without a server. Exit code 1 when anything is wrong.") { files.Paths, files.Recursive, partial, format };
        command.SetAction(parsed =>
        {
            var set = files.TryRead(parsed);
            var faults = set.Faults.ToList();
            if (set.IsValid && !parsed.GetValue(partial))
            {
                faults.AddRange(CrossFaults(set));
            }

            if (parsed.GetValue(format) == OutputFormat.Json)
            {
                output.WriteLine(Json.Write(json => Write(json, set, faults)));
            }
            else
            {
                foreach (var skipped in set.Skipped)
                {
                    error.WriteLine(skipped);
                }

                faults.ForEach(f => output.WriteLine($"{f} ({f.Reason})"));
                output.WriteLine(faults.Count == 0 ? $"valid: {set.Manifests.Length} objects" : $"not valid: {faults.Count} faults");
            }

            return faults.Count == 0 ? ExitCode.Ok : ExitCode.Negative;
        });
        return command;
    }

    private static IEnumerable<DocumentFault> CrossFaults(ManifestSet set) =>
        ClusterStateBuilder.Build([.. set.Manifests.Select(m => m.Object)]).Violations.Select(v =>
        {
            var manifest = set.Manifests[v.Index];
            return new DocumentFault(manifest.Source, manifest.Line, v.Violation.Field, v.Violation.Reason, $"of {v.Name}: {v.Violation.Description}");
        });

    private static void Write(Utf8JsonWriter json, ManifestSet set, List<DocumentFault> faults)
    {
        json.WriteStartObject();
        json.WriteBoolean("valid", faults.Count == 0);
        json.WriteNumber("objects", set.Manifests.Length);
        json.WriteStartArray("faults");
        foreach (var fault in faults)
        {
            json.WriteStartObject();
            json.WriteString("source", fault.Source);
            json.WriteNumber("line", fault.Line);
            json.WriteString("field", fault.Field);
            json.WriteString("reason", fault.Reason);
            json.WriteString("description", fault.Description);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("skipped");
        foreach (var skipped in set.Skipped)
        {
            json.WriteStringValue(skipped.ToString());
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
