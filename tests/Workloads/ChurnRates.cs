namespace Vallum.Workloads;

/// <summary>How much happens.</summary>
/// <param name="EndpointsPerMinute">The share of endpoints that go in a minute; as many come.</param>
/// <param name="PolicyChanges">Beside each 1,000 endpoints that come or go.</param>
/// <param name="Relabellings">Of endpoints, beside each 1,000.</param>
/// <param name="TenantRelabellings">Beside each 1,000.</param>
/// <param name="Drains">Of segments, beside each 1,000.</param>
/// <param name="Deletions">Of tenants, beside each 1,000; each comes back at the next one's turn. None where there is one tenant.</param>
public sealed record ChurnRates(double EndpointsPerMinute, int PolicyChanges, int Relabellings, int TenantRelabellings, int Drains, int Deletions)
{
    /// <summary>1 % of the endpoints a minute.</summary>
    public static readonly ChurnRates Default = new(0.01, 100, 100, 10, 2, 2);

    internal int Others => PolicyChanges + Relabellings + TenantRelabellings + Drains + Deletions;
}
