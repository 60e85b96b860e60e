using System.Collections.Immutable;

namespace Vallum.Testing.Cases;

/// <summary>Who reaches whom with one protocol and port: a string for each source pod, a character for each destination pod.</summary>
/// <param name="Protocol">TCP, UDP or SCTP.</param>
public sealed record ExpectedTable(string Protocol, ushort Port, string PortName, ImmutableArray<string> Combined)
{
    /// <summary>The destinations' side alone; empty in the file of the Kubernetes suite.</summary>
    public ImmutableArray<string> Ingress { get; init; } = [];

    /// <summary>The sources' side alone; empty in the file of the Kubernetes suite.</summary>
    public ImmutableArray<string> Egress { get; init; } = [];

    /// <summary>
    /// The cells to check: those that say allowed or blocked, off the diagonal. A pod that talks to itself is not checked: cyclonus judges
    /// it and Kubernetes does not.
    /// </summary>
    public static IEnumerable<(int Source, int Destination, bool Allowed)> Cells(ImmutableArray<string> table) =>
        AllCells(table).Where(c => c.Source != c.Destination);

    /// <summary>With the diagonal.</summary>
    /// <exception cref="InvalidDataException">A character that the legend does not know.</exception>
    public static IEnumerable<(int Source, int Destination, bool Allowed)> AllCells(ImmutableArray<string> table) =>
        from row in table.Index()
        from cell in row.Item.Index()
        let allowed = Allowed(cell.Item)
        where allowed is not null
        select (row.Index, cell.Index, allowed.Value);

    /// <summary>Null: nobody knows, or the destination does not serve the port.</summary>
    private static bool? Allowed(char cell) => cell switch
    {
        '.' => true,
        'X' => false,
        '-' or '?' or 'N' or 'P' => null,
        _ => throw new InvalidDataException($"The tables know no '{cell}'."),
    };
}
