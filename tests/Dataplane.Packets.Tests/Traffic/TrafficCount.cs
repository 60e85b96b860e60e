using System.Collections.Immutable;
using Vallum.Policies.Evaluation;

namespace Vallum.Dataplane.Packets.Tests.Traffic;

/// <summary>One flow's packets before and behind the rules, by the kernel's count.</summary>
internal sealed record FlowCount(Sending Sent, long In, long Out)
{
    public Flow Flow => Sent.Flow;

    public bool Allowed => Sent.Allowed;

    public long Lost => Allowed ? In - Out : 0;

    public long Leaked => Allowed ? 0 : Out;

    public bool IsWrong => Lost != 0 || Leaked != 0;

    public override string ToString() => $"{Flow} from {Sent.Link}: {(Allowed ? $"{Lost} of {In} lost" : $"{Leaked} of {In} leaked")}";
}

/// <summary>What became of some traffic.</summary>
internal sealed record TrafficCount(ImmutableArray<FlowCount> Flows, TimeSpan Time)
{
    public long Allowed => Flows.Where(f => f.Allowed).Sum(f => f.In);

    public long Denied => Flows.Where(f => !f.Allowed).Sum(f => f.In);

    public long Packets => Allowed + Denied;

    public long Lost => Flows.Sum(f => f.Lost);

    public long Leaked => Flows.Sum(f => f.Leaked);

    public IEnumerable<FlowCount> Wrong => Flows.Where(f => f.IsWrong);

    public override string ToString() =>
        $"{Packets} packets in {Time.TotalMilliseconds:0} ms, {Lost} lost, {Leaked} leaked{string.Concat(Wrong.Take(5).Select(f => $"\n  {f}"))}";
}
