using Vallum.Silo.Distribution;

namespace Vallum.Silo.Reports;

/// <summary>The room's door.</summary>
internal static class TrafficHosting
{
    public static ISiloBuilder AddTraffic(this ISiloBuilder silo)
    {
        silo.Services.AddSingleton<TrafficBook>();
        silo.Services.AddSingleton<IReportSink>(p => p.GetRequiredService<TrafficBook>());
        silo.Services.AddSingleton<TrafficSilos>();
        silo.Services.AddSingleton<TrafficReader>();
        silo.Services.AddHostedService<TrafficExchange>();
        return silo.AddGrainService<TrafficService>();
    }
}
