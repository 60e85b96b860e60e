namespace Vallum.Silo.Balance;

/// <summary>The room's door.</summary>
internal static class BalanceHosting
{
    public static ISiloBuilder AddBalance(this ISiloBuilder silo)
    {
        silo.Services.AddOptions<BalanceOptions>().BindConfiguration(BalanceOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        silo.Services.AddSingleton<TenantCensus>();
        silo.Services.AddSingleton<AgentDoor>();
        silo.Services.AddSingleton<SiloLoads>();
        silo.Services.AddSingleton(services => new SiloStart(services.GetRequiredService<TimeProvider>().GetUtcNow()));
        silo.Services.AddHostedService<BalanceLoop>();
        silo.Services.AddHostedService<Handover>();
        return silo.AddGrainService<SiloService>();
    }
}
