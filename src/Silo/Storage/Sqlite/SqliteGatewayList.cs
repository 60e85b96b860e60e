using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Messaging;

namespace Vallum.Silo.Storage.Sqlite;

/// <summary>Tells Orleans' clients on this machine which silos of the file take connections.</summary>
internal sealed class SqliteGatewayList(IMembershipTable members, IOptions<GatewayOptions> options) : IGatewayListProvider
{
    public TimeSpan MaxStaleness => options.Value.GatewayListRefreshPeriod;

    public bool IsUpdatable => true;

    public Task InitializeGatewayListProvider() => members.InitializeMembershipTableAsync(tryInitTableVersion: false, CancellationToken.None);

    public async Task<IList<Uri>> GetGateways()
    {
        var table = await members.ReadAllAsync(CancellationToken.None).ConfigureAwait(false);
        return
        [
            .. table.Members.Select(row => row.Item1)
                .Where(entry => entry.Status == SiloStatus.Active && entry.ProxyPort != 0)
                .Select(entry => SiloAddress.New(entry.SiloAddress.Endpoint.Address, entry.ProxyPort, entry.SiloAddress.Generation).ToGatewayUri()),
        ];
    }
}
