using Vallum.Dataplane.Model;

namespace Vallum.Dataplane.Rendering;

/// <summary>
/// What a node is told → what its kernel is to hold: the same for the same state, whatever was there before. Layout: docs/dataplane.md.
/// </summary>
public static class Renderer
{
    /// <param name="previous">A rendering to start from: what did not change since is not looked at again. The node's own addresses are in many rules:
    /// where they or the options differ, all is written anew.</param>
    public static Rendering Render(NodeState state, RenderOptions options, Rendering? previous = null) =>
        previous is not null && previous.Options == options && previous.State.NodeAddresses.SequenceEqual(state.NodeAddresses)
            ? previous.Next(state)
            : Rendering.Of(state, options);
}
