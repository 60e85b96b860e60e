using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Vallum.Lab.Probing;

/// <summary>Probes and what became of them, in the order they were asked.</summary>
public sealed class ProbeTable
{
    private readonly List<(Probe Probe, ProbeResult Result)> _rows;
    private readonly Dictionary<Probe, ProbeResult> _results;
    private readonly IReadOnlyDictionary<IPAddress, string> _owners;

    internal ProbeTable(IEnumerable<(Probe Probe, ProbeResult Result)> rows, IReadOnlyDictionary<IPAddress, string> owners)
    {
        _rows = [.. rows];
        _results = _rows.DistinctBy(row => row.Probe).ToDictionary(row => row.Probe, row => row.Result);
        _owners = owners;
    }

    public IReadOnlyList<(Probe Probe, ProbeResult Result)> Rows => _rows;

    public ProbeResult this[Probe probe] => _results[probe];

    /// <summary>True if the probe was answered by whom it was meant for.</summary>
    public bool IsAllowed(Probe probe) => _results[probe].Outcome == ProbeOutcome.Allowed;

    public IEnumerable<Probe> Where(ProbeOutcome outcome) => _rows.Where(row => row.Result.Outcome == outcome).Select(row => row.Probe);

    /// <summary>
    /// A line for each probe that did not go as <paramref name="allowed"/> says: allowed ones must be answered, the others must be blocked
    /// or refused. Empty if all went well, so that a test says <c>ShouldBeEmpty</c> and shows the rest.
    /// </summary>
    public IReadOnlyList<string> Differences(Func<Probe, bool> allowed) =>
    [
        .. _rows
            .Where(row => allowed(row.Probe)
                ? row.Result.Outcome != ProbeOutcome.Allowed
                : row.Result.Outcome is not (ProbeOutcome.Blocked or ProbeOutcome.Refused))
            .Select(row => $"{row.Probe} (to {OwnerOf(row.Probe)}): expected {(allowed(row.Probe) ? "an answer" : "none")}, saw {row.Result}"),
    ];

    /// <summary>
    /// The table of one protocol, port and family: a row for each source, a column for each address; <c>.</c> allowed, <c>X</c> blocked,
    /// <c>R</c> refused, <c>E</c> an error, a blank where nobody asked.
    /// </summary>
    public string Matrix(ProbeProtocol protocol, int port, AddressFamily family)
    {
        var cells = _rows.Where(row => row.Probe.Protocol == protocol && row.Probe.Port == port && row.Probe.To.AddressFamily == family).ToList();
        string[] sources = [.. cells.Select(cell => cell.Probe.From).Distinct()];
        IPAddress[] targets = [.. cells.Select(cell => cell.Probe.To).Distinct()];
        var width = sources.Append("").Max(source => source.Length);
        var text = new StringBuilder();
        text.Append(' ', width);
        foreach (var target in targets)
        {
            text.Append(' ').Append(OwnerOf(target));
        }
        foreach (var source in sources)
        {
            text.Append('\n').Append(source.PadRight(width));
            foreach (var target in targets)
            {
                var sign = _results.TryGetValue(new Probe(source, target, protocol, port), out var result) ? Sign(result.Outcome) : ' ';
                text.Append(' ').Append($"{sign}".PadRight(OwnerOf(target).Length));
            }
        }
        return text.ToString();
    }

    private string OwnerOf(Probe probe) => OwnerOf(probe.To);

    private string OwnerOf(IPAddress address) => _owners.TryGetValue(address, out var owner) ? owner : $"{address}";

    private static char Sign(ProbeOutcome outcome) => outcome switch
    {
        ProbeOutcome.Allowed => '.',
        ProbeOutcome.Blocked => 'X',
        ProbeOutcome.Refused => 'R',
        _ => 'E',
    };
}
