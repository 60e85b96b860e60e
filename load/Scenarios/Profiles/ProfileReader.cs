using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Vallum.Scenarios.Grounds;

namespace Vallum.Scenarios.Profiles;

/// <summary>A profile as JSON. Everything that is wrong is told at once, each with the path of its field and what would be right.</summary>
public sealed class ProfileReader
{
    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    private readonly List<string> _faults = [];

    private ProfileReader()
    {
    }

    /// <param name="faults">Empty where there is a profile.</param>
    /// <returns>Null: the text is no profile.</returns>
    public static LoadProfile? Read(string text, out IReadOnlyList<string> faults)
    {
        var reader = new ProfileReader();
        faults = reader._faults;
        try
        {
            using var document = JsonDocument.Parse(text, Lenient);
            var profile = reader.Profile(document.RootElement);
            return reader._faults.Count == 0 ? profile : null;
        }
        catch (JsonException exception)
        {
            reader._faults.Add($"line {(exception.LineNumber ?? 0) + 1}: no JSON: {exception.Message}");
            return null;
        }
    }

    private LoadProfile Profile(JsonElement root)
    {
        var fields = Fields("", root, "name", "seed", "warmUp", "stages", "world", "mostOpen");
        var name = "";
        if (fields.TryGetValue("name", out var given) && given.ValueKind == JsonValueKind.String && given.GetString() is { Length: > 0 and <= 40 } word && !word.Contains(' ', StringComparison.Ordinal))
        {
            name = word;
        }
        else
        {
            _faults.Add("name: one word of at most 40 characters is needed");
        }

        return new LoadProfile(
            name,
            (ulong)Number("", fields, "seed", 0, int.MaxValue, 1),
            TimeSpan.FromSeconds(Number("", fields, "warmUp", 0, 3_600, 2, isWhole: false)),
            Stages(fields),
            World(fields),
            (int)Number("", fields, "mostOpen", 1, 100_000, 10_000));
    }

    private ImmutableArray<LoadStage> Stages(Dictionary<string, JsonElement> fields)
    {
        if (!fields.TryGetValue("stages", out var stages) || stages.ValueKind != JsonValueKind.Array || stages.GetArrayLength() == 0)
        {
            _faults.Add("stages: a list of at least one stage, such as { \"rate\": 100, \"seconds\": 10 }, is needed");
            return [];
        }

        return [.. stages.EnumerateArray().Select((stage, index) => Stage($"stages[{index}]", stage))];
    }

    private LoadStage Stage(string path, JsonElement stage)
    {
        var fields = Fields(path, stage, "rate", "seconds", "ramp");
        var ramp = false;
        if (fields.TryGetValue("ramp", out var given))
        {
            if (given.ValueKind is not JsonValueKind.True and not JsonValueKind.False)
            {
                _faults.Add($"{path}.ramp: is {given.GetRawText()}; write true or false");
            }
            else
            {
                ramp = given.GetBoolean();
            }
        }

        return new LoadStage(
            Number(path, fields, "rate", 0.01, 100_000, null, isWhole: false), TimeSpan.FromSeconds(Number(path, fields, "seconds", 1, 86_400, null, isWhole: false)), ramp);
    }

    private Sizes World(Dictionary<string, JsonElement> root)
    {
        var small = Sizes.Small;
        if (!root.TryGetValue("world", out var world))
        {
            return small;
        }

        var fields = Fields("world", world, "tenants", "endpointsPerTenant", "policiesPerTenant", "nodes", "agents");
        var nodes = (int)Number("world", fields, "nodes", 1, 100_000, small.Nodes);
        return new Sizes(
            (int)Number("world", fields, "tenants", 1, 100_000, small.Tenants),
            (int)Number("world", fields, "endpointsPerTenant", 1, 250_000, small.EndpointsPerTenant),
            (int)Number("world", fields, "policiesPerTenant", 1, 100_000, small.PoliciesPerTenant),
            nodes,
            (int)Number("world", fields, "agents", 0, nodes, nodes));
    }

    private Dictionary<string, JsonElement> Fields(string path, JsonElement element, params string[] known)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            _faults.Add($"{(path.Length == 0 ? "the file" : path)}: an object is needed, with {string.Join(", ", known)}");
            return [];
        }

        var fields = new Dictionary<string, JsonElement>();
        foreach (var property in element.EnumerateObject())
        {
            if (!known.Contains(property.Name))
            {
                _faults.Add($"{Path(path, property.Name)}: there is no such field; there are {string.Join(", ", known)}");
            }
            else
            {
                fields[property.Name] = property.Value;
            }
        }

        return fields;
    }

    /// <param name="otherwise">Null: it must be given.</param>
    private double Number(string path, Dictionary<string, JsonElement> fields, string name, double lowest, double highest, double? otherwise, bool isWhole = true)
    {
        var range = string.Create(CultureInfo.InvariantCulture, $"{(isWhole ? "a whole number" : "a number")} of {lowest:0.##} to {highest:0}");
        if (!fields.TryGetValue(name, out var field))
        {
            if (otherwise is null)
            {
                _faults.Add($"{Path(path, name)}: {range} is needed");
            }

            return otherwise ?? lowest;
        }

        if (field.ValueKind == JsonValueKind.Number && field.TryGetDouble(out var value) && value >= lowest && value <= highest && (!isWhole || value == Math.Floor(value)))
        {
            return value;
        }

        _faults.Add($"{Path(path, name)}: is {field.GetRawText()}; write {range}");
        return lowest;
    }

    private static string Path(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";
}
