using Vallum.Dataplane.Model;

namespace Vallum.NodeAgent.Interfaces;

/// <summary>What the node knows of its own interfaces.</summary>
internal interface ILinks
{
    /// <summary>Which of <paramref name="interfaces"/> are ports of a bridge, and whether the kernel shows what passes bridges.</summary>
    Links Read(IEnumerable<string> interfaces);

    /// <summary>Makes the kernel show what passes bridges, if it can. Never fails: <see cref="Read"/> tells what has become of it.</summary>
    void ShowBridged();
}
