using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Vallum.Silo.Admission;
using Vallum.Silo.Api;
using Vallum.Silo.Distribution;
using Vallum.Silo.Security;

namespace Vallum.Silo.Hosting;

/// <summary>The one place where it is said what answers on which listener. Rooms with gRPC services add and map them here.</summary>
internal static class SiloEndpoints
{
    public static void AddSiloEndpoints(this IServiceCollection services)
    {
        services.AddGrpcReflection();
        services.AddAdmission();
        services.AddApi();
        services.AddDistribution();
        services.AddHealthChecks().AddCheck<ReadinessCheck>("cluster", tags: [ReadinessCheck.Tag]);
        services.AddGrpcHealthChecks(health => health.Services.Map("", check => check.Tags.Contains(ReadinessCheck.Tag)));
    }

    public static void MapVallumSilo(this WebApplication app)
    {
        app.UseListeners();
        app.UseMiddleware<StopGrace>();
        app.UseCallers();
        app.UseAdmission();
        app.MapGrpcHealthChecksService();
        app.MapGrpcReflectionService();
        app.MapApi();
        app.MapDistribution();

        var admin = app.MapGroup("").WithMetadata(new AnswersOn(Listener.Admin));
        // Alive: the process answers. Whoever restarts it on anything more makes an outage of a slow disk.
        admin.MapHealthChecks("/livez", new HealthCheckOptions { Predicate = _ => false });
        admin.MapHealthChecks("/readyz", new HealthCheckOptions { Predicate = check => check.Tags.Contains(ReadinessCheck.Tag) });
        admin.MapPrometheusScrapingEndpoint("/metrics");
    }
}
