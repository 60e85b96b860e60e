using System.Collections.Immutable;
using Vallum.NodeAgent.Kernel;

namespace Vallum.Load.Dataplane.Updates;

/// <summary>All of one flavour.</summary>
internal sealed record UpdateFigures(IptablesFlavour Flavour, ImmutableArray<ChangeRow> Rows, ImmutableArray<StartFigures> Starts);
