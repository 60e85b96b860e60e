using Microsoft.Extensions.Options;
using Vallum.Silo.Admission;

namespace Vallum.Silo.Distribution.Sessions;

/// <summary>How many streams each node has on this silo: one, and for a moment those that have not noticed yet that they are over.</summary>
internal sealed class NodeStreams(IOptions<DistributionOptions> options)
{
    private readonly Turnstile _open = new(int.MaxValue, options.Value.StreamsOfNode);

    public bool TryEnter(string node) => _open.TryEnter(node) == Entry.Inside;

    public void Leave(string node) => _open.Leave(node);
}
