using System.Collections.Immutable;

namespace Vallum.Cli.Output;

/// <summary>Sources down, destinations across: "." allowed, "X" blocked, "-" the same endpoint or no common address family.</summary>
internal sealed record ReachMatrix(ImmutableArray<string> Endpoints, ImmutableArray<string> Rows)
{
    public static void Write(ReachMatrix matrix, OutputFormat format, TextWriter output)
    {
        if (format == OutputFormat.Json)
        {
            output.WriteLine(Json.Write(json =>
            {
                json.WriteStartObject();
                json.WriteStartArray("endpoints");
                foreach (var endpoint in matrix.Endpoints)
                {
                    json.WriteStringValue(endpoint);
                }

                json.WriteEndArray();
                json.WriteStartArray("rows");
                foreach (var row in matrix.Rows)
                {
                    json.WriteStringValue(row);
                }

                json.WriteEndArray();
                json.WriteEndObject();
            }));
            return;
        }

        if (matrix.Endpoints.IsEmpty)
        {
            output.WriteLine("no endpoints");
            return;
        }

        // Long names do not fit above one character: destinations are numbered as the rows are.
        var table = new TextTable(["FROM \\ TO", .. matrix.Endpoints.Select((_, i) => $"{i + 1}")]);
        for (var i = 0; i < matrix.Endpoints.Length; i++)
        {
            table.Add([$"{i + 1} {matrix.Endpoints[i]}", .. matrix.Rows[i].Select(c => c.ToString())]);
        }

        table.Write(output);
        output.WriteLine(". allowed   X blocked   - not judged");
    }
}
