using Vallum.Agents;

namespace Vallum.Chaos.Judging;

internal static class StateDifference
{
    /// <summary>What is held and not wanted, wanted and not held, or held with another content, in words.</summary>
    public static IEnumerable<string> Of(string node, AgentState held, AgentState wanted)
    {
        foreach (var (key, resource) in wanted.Resources)
        {
            if (!held.Resources.TryGetValue(key, out var own))
            {
                yield return $"node {node} lacks {key.Kind} {key.Name}";
            }
            else if (!own.Head.Equals(resource.Head) || !own.Entries.SetEquals(resource.Entries))
            {
                yield return $"node {node} holds another {key.Kind} {key.Name}: {own.Entries.Count} entries, {resource.Entries.Count} wanted, head {(own.Head.Equals(resource.Head) ? "equal" : "another")}";
            }
        }

        foreach (var key in held.Resources.Keys.Except(wanted.Resources.Keys))
        {
            yield return $"node {node} holds {key.Kind} {key.Name}, which nobody wants";
        }
    }
}
