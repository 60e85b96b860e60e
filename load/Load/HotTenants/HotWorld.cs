using System.Globalization;
using Vallum.Load.Worlds;
using ApiObject = Vallum.Contracts.Api.V1.Object;

namespace Vallum.Load.HotTenants;

/// <summary>
/// Tenants of one form (<see cref="World"/>), each on nodes of its own: an endpoint of its web on each, policies that select others, and callers that come
/// and go as members of the group that its nodes know.
/// </summary>
/// <param name="Policies">Of each tenant.</param>
/// <param name="Nodes">Of each tenant.</param>
/// <param name="Callers">Of all tenants together, numbered without gaps.</param>
internal sealed record HotWorld(int Tenants, int Policies, int Nodes, int Callers)
{
    private const string Template = World.Tenant;

    public IReadOnlyList<string> TenantNames => [.. Enumerable.Range(0, Tenants).Select(Name)];

    public IReadOnlyList<string> NodeNames => [.. Enumerable.Range(0, Tenants).SelectMany(tenant => NodesOf(tenant))];

    /// <summary>Everything but the callers, in parts that one call each takes.</summary>
    public IEnumerable<IReadOnlyList<ApiObject>> Begin() => Enumerable.Range(0, Tenants).SelectMany(tenant =>
        World.Hot(NodesOf(tenant)).Concat(World.Endpoints(Shape.Elsewhere, NodesOf(tenant))).Concat(World.Policies(Shape.Elsewhere, 0, Policies))
            .Select(one => Of(tenant, one)).Chunk(1_000));

    public ApiObject Caller(int number, string role) => Of(number % Tenants, World.Caller(number, role));

    private static IReadOnlyList<string> NodesOf(int tenant, int nodes) =>
        [.. Enumerable.Range(0, nodes).Select(node => string.Create(CultureInfo.InvariantCulture, $"node-{tenant}-{node}"))];

    private IReadOnlyList<string> NodesOf(int tenant) => NodesOf(tenant, Nodes);

    private static string Name(int tenant) => string.Create(CultureInfo.InvariantCulture, $"{Template}-{tenant}");

    /// <summary>What <see cref="World"/> says of its one tenant, of another; addresses may be the same in two tenants only where they are not checked.</summary>
    private static ApiObject Of(int tenant, ApiObject one)
    {
        switch (one.ObjectCase)
        {
            case ApiObject.ObjectOneofCase.Tenant:
                one.Tenant.Name = Name(tenant);
                break;
            case ApiObject.ObjectOneofCase.Segment:
                one.Segment.Name = Named(one.Segment.Name);
                break;
            case ApiObject.ObjectOneofCase.Policy:
                one.Policy.Name = Named(one.Policy.Name);
                break;
            default:
                one.Endpoint.Name = Named(one.Endpoint.Name);
                if (!one.Endpoint.Name.Contains("/caller-", StringComparison.Ordinal))
                {
                    one.Endpoint.Spec.Addresses[0] = Address(tenant, one.Endpoint.Spec.Addresses[0]);
                }

                break;
        }

        return one;

        string Named(string name) => Name(tenant) + name[Template.Length..];
    }

    // 10.A.B.C of the template as fd00:T::A:B:C: tenants may not have the same address.
    private static string Address(int tenant, string address)
    {
        var bytes = address.Split('.');
        return string.Create(CultureInfo.InvariantCulture, $"fd00:{tenant:x}::{bytes[1]}:{bytes[2]}:{bytes[3]}");
    }
}
