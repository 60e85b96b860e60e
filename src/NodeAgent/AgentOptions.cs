using System.Collections.Immutable;
using Vallum.Dataplane.Rendering;
using Vallum.NodeAgent.Kernel;

namespace Vallum.NodeAgent;

/// <summary>What the command line and the environment say.</summary>
internal sealed record AgentOptions
{
    public required string Node { get; init; }

    /// <summary>Silos, tried in an order of the node's own, so that nodes spread. http:// is HTTP/2 without TLS.</summary>
    public required ImmutableArray<Uri> Servers { get; init; }

    /// <summary>PEM files that are shown to silos; null: nothing is shown.</summary>
    public (string Certificate, string Key)? Tls { get; init; }

    /// <summary>PEM file with the authorities of silos' certificates; null: the system's.</summary>
    public string? TlsAuthorities { get; init; }

    public required string StateDirectory { get; init; }

    public RenderOptions Render { get; init; } = RenderOptions.Default;

    /// <summary>Where endpoints are on bridges, the kernel is told to show what passes those; else it is only warned of.</summary>
    public bool ShowBridged { get; init; }

    public SetsWay Sets { get; init; }

    /// <summary>What happens to endpoints between the start on a kernel that holds nothing of ours and the moment when everything is in.</summary>
    public BootFence Fence { get; init; } = BootFence.Auto;

    /// <summary>Where events of logged packets are written: a file, "-" for the standard error; null: they are not read.</summary>
    public string? LogEvents { get; init; }

    /// <summary>Between two comparisons of the kernel with what was written; zero: never.</summary>
    public TimeSpan CheckInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Between two readings of the rules' counters; zero: never.</summary>
    public TimeSpan CounterInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A tool that runs longer is killed. 100,000 members through ipset take about a second.</summary>
    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromSeconds(60);

    public string StateLogPath => Path.Combine(StateDirectory, "held.log");

    public string StatusPath => Path.Combine(StateDirectory, "status.json");

    public string CountersPath => Path.Combine(StateDirectory, "counters");

    public string InstancePath => Path.Combine(StateDirectory, "instance");

    public string LockPath => Path.Combine(StateDirectory, "lock");
}

internal enum BootFence
{
    /// <summary>Closed on a node that has enforced before; open on one that has never been told anything, so that an installation cuts nobody off.</summary>
    Auto,

    /// <summary>Cut off.</summary>
    Closed,

    /// <summary>Not judged.</summary>
    Open,
}
