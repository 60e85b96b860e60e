using System.Globalization;
using Vallum.Contracts.Api.V1;
using Vallum.Manifests.Own;
using ApiObject = Vallum.Contracts.Api.V1.Object;

namespace Vallum.Cli.Output;

/// <summary>Changes that were made, newest first.</summary>
internal static class HistoryTable
{
    public static void Write(IReadOnlyCollection<HistoryEntry> entries, bool wide, TextWriter output)
    {
        if (entries.Count == 0)
        {
            output.WriteLine("none");
            return;
        }

        var table = new TextTable(["REVISION", "TIME", "ACTOR", "CHANGE", .. wide ? (string[])["GENERATION", "NOW", "REQUEST ID"] : [], "OBJECT"]);
        foreach (var entry in entries)
        {
            string[] more = wide ? [entry.Generation == 0 ? "-" : $"{entry.Generation}", entry.Current ? "yes" : "no", Or(entry.RequestId)] : [];
            table.Add([$"{entry.Revision}", Time(entry), Or(entry.Actor), ChangeList.Word(entry.Type), .. more, entry.Name]);
        }

        table.Write(output);
    }

    /// <summary>Each change as a line, and below it what it changed.</summary>
    public static void WriteDiffs(IEnumerable<HistoryEntry> entries, TextWriter output)
    {
        foreach (var entry in entries)
        {
            output.WriteLine($"revision {entry.Revision}  {Time(entry)}  {Or(entry.Actor)}");
            var before = entry is { Type: not ChangeType.Created, Before: null } ? "not kept" : "before";
            ObjectDiff.Write(entry.Name, (before, entry.Before), (ChangeList.Word(entry.Type), entry.After), output);
            output.WriteLine();
        }
    }

    /// <summary>A document for each change, as the object was after it: each can be applied again.</summary>
    public static void WriteYaml(IEnumerable<HistoryEntry> entries, TextWriter output)
    {
        foreach (var entry in entries)
        {
            output.WriteLine("---");
            output.WriteLine($"# revision {entry.Revision}, {Time(entry)}, by {Or(entry.Actor)}: {entry.Name} {ChangeList.Word(entry.Type)}");
            if (entry.After is { } after)
            {
                output.Write(OwnKindWriter.ToYaml(new List<ApiObject> { after }, withOutput: true));
            }
        }
    }

    private static string Time(HistoryEntry entry) =>
        entry.Time is { } time ? time.ToDateTime().ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture) : "-";

    private static string Or(string text) => text.Length == 0 ? "-" : text;
}
