using System.Collections.Immutable;
using Vallum.Load.Dataplane.Layouts;
using Vallum.Load.Measuring;
using Vallum.NodeAgent.Kernel;

namespace Vallum.Load.Dataplane.Connections;

/// <summary>What was measured of one layout, beside the others of its rounds.</summary>
/// <param name="Median">In the unit of the table.</param>
/// <param name="Ratio">To 0 policies, of each round.</param>
/// <param name="Above">More than 0 policies, of each round; in the unit of the table.</param>
/// <param name="Growth">To the same layout with the fewest policies there, of each round.</param>
internal sealed record Figure(Layout Layout, double Median, Spread Ratio, Spread Above, Spread Growth, int Rounds);

/// <summary>All of one flavour.</summary>
/// <param name="Sizes">Per size of the response: microseconds of a new connection with request and response.</param>
/// <param name="Connections">The same at the smallest response, with many policies.</param>
/// <param name="Rates">Connections a second, two clients.</param>
/// <param name="FirstPackets">Nanoseconds.</param>
/// <param name="Shares">The layout whole and with parts taken out: microseconds of a new connection, nanoseconds of a first packet.</param>
internal sealed record ConnectionFigures(
    IptablesFlavour Flavour,
    ImmutableArray<(int Bytes, ImmutableArray<Figure> Figures)> Sizes,
    ImmutableArray<Figure> Connections,
    ImmutableArray<Figure> Rates,
    ImmutableArray<Figure> FirstPackets,
    ImmutableArray<(Figure Connection, Figure FirstPacket)> Shares);
