using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Vallum.Cli.Output;

namespace Vallum.Cli.Commands;

/// <summary>Many flows at once: the list that was read is answered in the same order, each probe with "allowed".</summary>
internal static class ProbeList
{
    public static async Task AnswerAsync(
        OfflineFlows flows, string path, OutputFormat format, TextWriter output, CancellationToken cancellationToken)
    {
        var probes = Read(path);
        var problems = new List<string>();
        for (var i = 0; i < probes.Count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Answer(flows, probes[i], i, problems);
        }

        if (problems.Count > 0)
        {
            throw new CommandFailure(ExitCode.Negative, $"error: {problems.Count} of {probes.Count} probes are wrong (INVALID)\n{string.Join('\n', problems)}");
        }

        if (format == OutputFormat.Json)
        {
            await output.WriteLineAsync(Json.Write(json => probes.WriteTo(json)));
            return;
        }

        var table = new TextTable("FROM", "TO", "PROTOCOL", "PORT", "ALLOWED");
        foreach (var probe in probes.OfType<JsonObject>())
        {
            table.Add(Text(probe, "from"), Text(probe, "to"), Text(probe, "protocol"), Text(probe, "port"), probe["allowed"]!.GetValue<bool>() ? "yes" : "no");
        }

        table.Write(output);
    }

    private static JsonArray Read(string path)
    {
        try
        {
            var text = path == "-" ? Console.In.ReadToEnd() : File.ReadAllText(path);
            return JsonNode.Parse(text) as JsonArray ?? throw new CommandFailure(ExitCode.Negative, $"{path} is no JSON list of probes (INVALID)");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure(ExitCode.Usage, $"cannot read {path}: {exception.Message} (UNREADABLE)");
        }
        catch (JsonException exception)
        {
            throw new CommandFailure(ExitCode.Negative, $"{path} is no JSON: {exception.Message} (INVALID)");
        }
    }

    private static void Answer(OfflineFlows flows, JsonNode? node, int index, List<string> problems)
    {
        if (node is not JsonObject probe)
        {
            problems.Add($"  [{index}]: an object is wanted: {{\"from\", \"to\", \"protocol\", \"port\"}}");
            return;
        }

        try
        {
            var port = Text(probe, "port");
            var traffic = OfflineTraffic.Parse(
                Text(probe, "protocol"),
                port.Length == 0 ? 0 : int.Parse(port, NumberStyles.None, CultureInfo.InvariantCulture));
            probe["allowed"] = flows.Allows(Text(probe, "from"), Text(probe, "to"), traffic);
        }
        catch (Exception exception) when (exception is CommandFailure or FormatException or OverflowException or ArgumentException)
        {
            // A key that is there twice is found when the object is first looked into, as an ArgumentException.
            problems.Add($"  [{index}]: {exception.Message}");
        }
    }

    private static string Text(JsonObject probe, string key) => probe[key] switch
    {
        null => "",
        JsonValue value => value.ToString(),
        _ => throw new FormatException($"{key} is neither a text nor a number"),
    };
}
