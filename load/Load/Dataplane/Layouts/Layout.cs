using Vallum.Load.Dataplane.Testbed;
using Vallum.NodeAgent.Kernel;

namespace Vallum.Load.Dataplane.Layouts;

/// <summary>A set of rules that one router is given: allow TCP to the server's port, which the last of <paramref name="Policies"/> does.</summary>
/// <param name="Name">As a table says it; layouts of one name differ in the number of policies only.</param>
internal abstract record Layout(string Name, int Policies)
{
    public abstract Task InstallAsync(Router router, IptablesFlavour flavour, CancellationToken cancellationToken);
}
