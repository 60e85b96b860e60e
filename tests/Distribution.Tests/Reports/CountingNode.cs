using Google.Protobuf.WellKnownTypes;
using Vallum.Contracts.Agent.V1;

namespace Vallum.Distribution.Tests.Reports;

/// <summary>A node that counts one rule, and says so to whomever it is connected to.</summary>
internal sealed class CountingNode(string name)
{
    public const string Policy = "tenants/t/policies/p";

    private static readonly DateTimeOffset Start = new(2026, 11, 23, 3, 0, 0, TimeSpan.Zero);

    private int _readings;
    private ulong _stream;

    public string Name => name;

    public ulong Run { get; set; } = 1;

    public ulong Packets { get; set; }

    public DateTimeOffset Since { get; set; } = Start;

    public string Session => $"{name}-{Run}-{_stream}";

    public void Connect() => _stream++;

    /// <summary>What a first report of a stream says; the same as every other, since there is but one rule.</summary>
    public NodeReport Report(bool more = false, params ReadOnlySpan<RuleCounts> rules) => new()
    {
        Run = Run,
        Stream = _stream,
        Counts = new Counts
        {
            Since = Timestamp.FromDateTimeOffset(Since),
            Time = Timestamp.FromDateTimeOffset(Start.AddSeconds(10 * ++_readings)),
            Interval = Duration.FromTimeSpan(TimeSpan.FromSeconds(10)),
            Policies = { new PolicyCounts { Policy = Policy, Tier = Tier.Tenant, Rules = { rules.IsEmpty ? [Rule()] : rules.ToArray() } } },
            More = more,
        },
    };

    private RuleCounts Rule() => new() { Rule = "r", Direction = Direction.Ingress, Packets = Packets, Bytes = Packets * 60 };
}
