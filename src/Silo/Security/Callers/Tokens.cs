using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;

namespace Vallum.Silo.Security.Callers;

/// <summary>How tokens are judged (RFC 7519, RFC 8725): signed with a public key of the issuer, for us, now.</summary>
internal sealed class Tokens(IOptions<SecurityOptions> options, SiloCredentials credentials)
    : IConfigureNamedOptions<JwtBearerOptions>, IPostConfigureOptions<JwtBearerOptions>
{
    public const string GroupsClaim = "groups";
    public const string SubjectClaim = "sub";

    /// <summary>Until its keys are known all calls with a token wait for them; the default of a minute would hold each caller for that long.</summary>
    private static readonly TimeSpan IssuerAnswersWithin = TimeSpan.FromSeconds(3);

    /// <summary>Then they are read again, as they are for a token of a key that is not known: so long does one count that was withdrawn. The library's own is hours.</summary>
    private static readonly TimeSpan KeysCountFor = TimeSpan.FromMinutes(5);

    /// <summary>Nothing that a shared secret would do for, and never "none".</summary>
    private static readonly string[] Algorithms =
    [
        SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512,
        SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512,
    ];

    public void Configure(JwtBearerOptions options) => Configure(JwtBearerDefaults.AuthenticationScheme, options);

    public void Configure(string? name, JwtBearerOptions jwt)
    {
        var security = options.Value;
        jwt.MapInboundClaims = false;
        if (security.JwtAuthority.Length > 0)
        {
            jwt.Authority = security.JwtAuthority;
            // Only loopback may do without: see SecurityOptionsCheck.
            jwt.RequireHttpsMetadata = security.JwtAuthority.StartsWith("https:", StringComparison.OrdinalIgnoreCase);
            jwt.BackchannelTimeout = IssuerAnswersWithin;
            jwt.AutomaticRefreshInterval = KeysCountFor;
            jwt.Events = new JwtBearerEvents { OnMessageReceived = EnsureKeysAsync };
        }

        jwt.TokenValidationParameters = new TokenValidationParameters
        {
            ValidAlgorithms = Algorithms,
            ValidAudience = security.JwtAudience,
            ValidIssuer = security.JwtIssuer.Length > 0 ? security.JwtIssuer : null,
            ValidateIssuerSigningKey = true,
            ClockSkew = TimeSpan.FromSeconds(30),
            NameClaimType = SubjectClaim,
        };
        if (credentials.Keys is { } keys)
        {
            jwt.TokenValidationParameters.IssuerSigningKeyResolver = (_, _, id, _) =>
                string.IsNullOrEmpty(id) ? keys.Current.Keys : keys.Current.Keys.Where(key => key.KeyId == id || string.IsNullOrEmpty(key.KeyId));
        }
    }

    /// <summary>A key that was not there when the keys were last read counts no more, not for the hour that it would be remembered as the last one that was good.</summary>
    public void PostConfigure(string? name, JwtBearerOptions jwt)
    {
        if (jwt.ConfigurationManager is BaseConfigurationManager issuer)
        {
            issuer.UseLastKnownGoodConfiguration = false;
        }
    }

    /// <summary>While the issuer's keys were never read no token can be judged, which is not the token's fault.</summary>
    private static async Task EnsureKeysAsync(MessageReceivedContext context)
    {
        try
        {
            _ = await context.Options.ConfigurationManager!.GetConfigurationAsync(context.HttpContext.RequestAborted);
        }
        catch (InvalidOperationException unreachable)
        {
            context.Fail(new IssuerUnreachableException(context.Options.Authority!, unreachable));
        }
    }

    /// <summary>Why a token counts for nothing: a stable reason, and words.</summary>
    public static (string Reason, string Words) WhyNot(Exception? failure) => failure switch
    {
        SecurityTokenExpiredException expired => ("TOKEN_EXPIRED", $"the token expired at {expired.Expires:u}: get a new one"),
        SecurityTokenNotYetValidException early => ("TOKEN_NOT_YET_VALID", $"the token is not valid before {early.NotBefore:u}"),
        SecurityTokenInvalidIssuerException issuer => ("TOKEN_ISSUER", $"the token is of the issuer '{issuer.InvalidIssuer}', which is not believed here"),
        SecurityTokenInvalidAudienceException audience => ("TOKEN_AUDIENCE", $"the token is for '{audience.InvalidAudience}', not for this service"),
        SecurityTokenInvalidSignatureException or SecurityTokenSignatureKeyNotFoundException or SecurityTokenInvalidAlgorithmException =>
            ("TOKEN_SIGNATURE", "the token is not signed by a key of its issuer"),
        SecurityTokenNoExpirationException => ("TOKEN_INVALID", "the token does not expire: only those that do are taken"),
        SecurityTokenException => ("TOKEN_INVALID", "the token cannot be read"),
        IssuerUnreachableException unreachable => ("ISSUER_UNREACHABLE", unreachable.Message),
        _ => ("TOKEN_INVALID", "the token cannot be verified now: the issuer's keys are not known"),
    };

    private sealed class IssuerUnreachableException(string authority, Exception why)
        : Exception($"the token cannot be verified now: the keys of its issuer could not be read yet from {authority}", why);
}
