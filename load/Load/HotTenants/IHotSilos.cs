using Vallum.Load.Running;
using Vallum.Load.Storms;

namespace Vallum.Load.HotTenants;

/// <summary>The silos that are measured.</summary>
internal interface IHotSilos : IAsyncDisposable
{
    IReadOnlyList<string> Addresses { get; }

    /// <summary>Of all silos together.</summary>
    SiloUsage Usage { get; }

    /// <summary>Of all silos together.</summary>
    Task<(Counters Counters, RuntimeUsage Runtime)> CountersAsync(CancellationToken cancellationToken);
}
