using System.Collections.Immutable;
using System.Text;
using ApiObject = Vallum.Contracts.Api.V1.Object;

namespace Vallum.EndToEnd.Tests.Scenarios;

/// <summary>
/// Manifests that say in their comments what should become of which packets:
/// <code>
/// #@ web1,web2 -> db1 tcp/5432 tcp6/5432 icmp allowed     who reaches whom once what is above is in force
/// #= the label goes                                       a new step, applied to what the ones before led to
/// #- tenants/shop/policies/db                             the step deletes this
/// </code>
/// </summary>
internal sealed record ScenarioFile(string Name, ImmutableArray<ScenarioStep> Steps)
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Scenarios");

    /// <summary>What every scenario begins with; no scenario itself.</summary>
    private const string InventoryName = "inventory";

    public static IEnumerable<string> Names =>
        Directory.EnumerateFiles(Folder, "*.yaml").Select(path => Path.GetFileNameWithoutExtension(path)).Where(name => name != InventoryName).Order(StringComparer.Ordinal);

    public static ImmutableArray<ApiObject> Inventory => Read(InventoryName).Steps.Single().Objects;

    /// <exception cref="InvalidDataException">A line or a manifest that nobody understands; with its place.</exception>
    public static ScenarioFile Read(string name)
    {
        var steps = ImmutableArray.CreateBuilder<ScenarioStep>();
        var title = "first";
        var documents = new StringBuilder();
        List<string> deletes = [];
        List<ScenarioProbe> probes = [];
        foreach (var (index, line) in File.ReadLines(Path.Combine(Folder, $"{name}.yaml")).Index())
        {
            switch (line)
            {
                case ['#', '=', ..]:
                    End();
                    title = line[2..].Trim();
                    break;
                case ['#', '-', ..]:
                    deletes.Add(line[2..].Trim());
                    break;
                case ['#', '@', ..]:
                    probes.AddRange(ScenarioProbe.Parse(line[2..], $"{name}.yaml:{index + 1}"));
                    break;
                default:
                    documents.AppendLine(line);
                    break;
            }
        }

        End();
        return new ScenarioFile(name, steps.ToImmutable());

        void End()
        {
            steps.Add(new ScenarioStep(title, Running.Documents.Read($"{name}.yaml, step \"{title}\"", documents.ToString()), [.. deletes], [.. probes]));
            documents.Clear();
            deletes.Clear();
            probes.Clear();
        }
    }
}

/// <param name="Objects">As they should be.</param>
/// <param name="Deletes">Names of what should be gone.</param>
internal sealed record ScenarioStep(
    string Title, ImmutableArray<ApiObject> Objects, ImmutableArray<string> Deletes, ImmutableArray<ScenarioProbe> Probes);
