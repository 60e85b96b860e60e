using System.Collections.Immutable;

namespace Vallum.Dataplane.Rendering;

/// <summary>One rule as iptables-save prints it behind "-A CHAIN ", and whose it is; null where it is nobody's or several policies'.</summary>
internal readonly record struct RuleLine(string Text, RuleOrigin? Origin = null);

/// <summary><paramref name="Origins"/> stand beside <paramref name="Rules"/>, one each.</summary>
internal sealed record RenderedChain(string Name, ImmutableArray<string> Rules, ImmutableArray<RuleOrigin?> Origins)
{
    public static RenderedChain Of(string name, IEnumerable<RuleLine> lines)
    {
        var all = lines.ToArray();
        return new RenderedChain(name, [.. all.Select(l => l.Text)], [.. all.Select(l => l.Origin)]);
    }
}
