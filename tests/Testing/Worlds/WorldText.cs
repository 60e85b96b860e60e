using System.Collections;
using System.Text;
using Vallum.Policies.Model;
using Vallum.Primitives;

namespace Vallum.Testing.Worlds;

/// <summary>Worlds as text that a reader of a failed property can follow: records with what their collections hold.</summary>
public static class WorldText
{
    public static string Of(ClusterState state)
    {
        var text = new StringBuilder();
        foreach (var value in ((IEnumerable)state.Tenants.Values).Cast<object>()
                     .Concat(state.Segments.Values).Concat(state.Nodes.Values).Concat(state.NetworkSets.Values)
                     .Concat(state.Endpoints.Values).Concat(state.Policies.Values))
        {
            text.AppendLine().Append("  ").Append(Of(value));
        }

        return text.ToString();
    }

    /// <summary>"Type { Property = value, … }", with lists as "[a, b]".</summary>
    public static string Of(object? value) => value switch
    {
        null => "none",
        string s => $"'{s}'",
        LabelSet or Selector or Cidr or Address or PortRange or EndpointSelector => value.ToString()!,
        TenantName or SegmentName or NodeName or NetworkSetName or EndpointId or PolicyId => value.ToString()!,
        IEnumerable items => $"[{string.Join(", ", items.Cast<object?>().Select(Of))}]",
        _ when value.GetType().IsPrimitive || value.GetType().IsEnum => value.ToString()!,
        _ => $"{value.GetType().Name} {{ {string.Join(", ", Properties(value))} }}",
    };

    private static IEnumerable<string> Properties(object value) => value.GetType().GetProperties()
        .Where(p => p.GetIndexParameters().Length == 0 && !p.GetMethod!.IsStatic)
        .Select(p => $"{p.Name} = {Of(p.GetValue(value))}");
}
