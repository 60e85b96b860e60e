using Vallum.Contracts.Api.V1;

namespace Vallum.Silo.Reports;

/// <summary>Which flow events a question is about.</summary>
internal sealed class FlowMatch(FlowFilter filter)
{
    private readonly string _tenant = filter.Tenant.Length > 0 ? $"{filter.Tenant}/" : "";

    public bool Takes(FlowEvent flow) =>
        (filter.Verdict == FlowEvent.Types.Verdict.Unspecified || flow.Verdict == filter.Verdict) &&
        (filter.Node.Length == 0 || flow.Node == filter.Node) &&
        (_tenant.Length == 0 || IsOfTenant(flow.SourceEndpoint) || IsOfTenant(flow.DestinationEndpoint)) &&
        (filter.Party.Length == 0 || filter.Party == flow.SourceEndpoint || filter.Party == flow.DestinationEndpoint ||
            filter.Party == flow.Source || filter.Party == flow.Destination);

    private bool IsOfTenant(string endpoint) => endpoint.StartsWith(_tenant, StringComparison.Ordinal);
}
