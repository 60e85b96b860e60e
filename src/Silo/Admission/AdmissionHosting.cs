namespace Vallum.Silo.Admission;

/// <summary>The room's door.</summary>
internal static class AdmissionHosting
{
    public static void AddAdmission(this IServiceCollection services)
    {
        services.AddOptions<AdmissionLimits>().BindConfiguration(AdmissionLimits.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<AdmissionMetrics>();
        services.AddSingleton<Admission>();
    }

    /// <summary>Behind those who find out who calls, before anything that answers.</summary>
    public static void UseAdmission(this WebApplication app) => app.UseMiddleware<Admission>();
}
