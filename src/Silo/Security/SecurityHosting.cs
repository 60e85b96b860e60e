using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Options;
using Vallum.Silo.Distribution.Sessions;
using Vallum.Silo.Hosting;
using Vallum.Silo.Security.Access;
using Vallum.Silo.Security.Callers;
using Vallum.Silo.Security.Tls;

namespace Vallum.Silo.Security;

/// <summary>The room's door.</summary>
internal static class SecurityHosting
{
    public static void AddSecurity(this IServiceCollection services)
    {
        services.AddOptions<SecurityOptions>().BindConfiguration(SiloOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<SecurityOptions>, SecurityOptionsCheck>();
        services.AddSingleton<SiloCredentials>();
        services.AddSingleton<PeerConnections>();
        services.AddSingleton<OpenStreams>();
        services.AddSingleton<CallerLog>();
        services.AddSingleton<MethodRules>();
        services.AddSingleton<Authentication>();
        services.AddSingleton<SiloTls>();
        services.AddSingleton<IAgentIdentity, AgentCertificate>();
        services.AddHostedService<CredentialWatch>();
        services.AddAuthentication().AddJwtBearer();
        services.AddSingleton<IConfigureOptions<JwtBearerOptions>, Tokens>();
        services.AddSingleton<IPostConfigureOptions<JwtBearerOptions>, Tokens>();
    }

    /// <summary>Finds out who calls, before anything that answers.</summary>
    public static void UseCallers(this WebApplication app) => app.UseMiddleware<Authentication>();
}
