using System.Net;
using Microsoft.Extensions.Options;
using Vallum.Credentials;
using Vallum.Silo.Hosting;

namespace Vallum.Silo.Security;

/// <summary>Judges the settings of <see cref="SecurityOptions"/> beside those of the listener, at start.</summary>
internal sealed class SecurityOptionsCheck(IConfiguration configuration) : IValidateOptions<SecurityOptions>
{
    // As it was said, not as it was judged: what is wrong there is told there.
    private readonly SiloOptions _silo = configuration.GetSection(SiloOptions.Section).Get<SiloOptions>() ?? new SiloOptions();

    public ValidateOptionsResult Validate(string? name, SecurityOptions options) =>
        OptionsFaults.ToResult([.. Clients(options), .. Tokens(options), .. Silos(options), .. Files(options)]);

    private IEnumerable<string> Clients(SecurityOptions options)
    {
        if (options.ClientCa.Length > 0 && !_silo.HasTls)
        {
            yield return "client-ca needs tls-certificate and tls-key: without TLS clients show no certificates.";
        }

        if (_silo is { HasTls: true, Insecure: false } && !options.KnowsClients && IsOpen(_silo.Listen))
        {
            yield return $"listen is '{_silo.Listen}', which other machines reach, and nobody who calls is known: give client-ca, or say insecure if that is what you want.";
        }

        if (options.Crl.Length > 0 && options.ClientCa.Length == 0)
        {
            yield return "crl needs client-ca: a revocation list counts when one of its authorities signed it.";
        }

        if (options.Access.Length > 0 && !options.KnowsClients)
        {
            yield return "access needs client-ca, jwt-authority or jwt-keys: without them everybody is an admin.";
        }

        if (!PeerIdentity.IsTrustDomain(options.TrustDomain))
        {
            yield return $"trust-domain is '{options.TrustDomain}': use lower case letters, digits, '.', '-' and '_'.";
        }

        if (OptionsFaults.Outside("credential-check", options.CredentialCheck, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(10)) is { } check)
        {
            yield return check;
        }
    }

    private static IEnumerable<string> Tokens(SecurityOptions options)
    {
        if (options.JwtAuthority.Length > 0 && options.JwtKeys.Length > 0)
        {
            yield return "jwt-authority and jwt-keys exclude each other: keys come from one place.";
        }

        if (options.JwtAuthority.Length > 0 && !IsSecret(options.JwtAuthority))
        {
            yield return $"jwt-authority is '{options.JwtAuthority}': write https://…, so that nobody on the way can put keys of their own in (http:// on loopback only).";
        }

        if (options.TakesTokens && options.JwtAudience.Length == 0)
        {
            yield return "jwt-audience is missing: without it a token that was given for another service would do.";
        }

        if (options.JwtKeys.Length > 0 && options.JwtIssuer.Length == 0)
        {
            yield return "jwt-issuer is missing: jwt-keys does not say whose keys they are.";
        }

        if (!options.TakesTokens && options.JwtIssuer.Length + options.JwtAudience.Length > 0)
        {
            yield return "jwt-issuer and jwt-audience need jwt-authority or jwt-keys.";
        }
    }

    private IEnumerable<string> Silos(SecurityOptions options)
    {
        var given = new[] { options.SiloTlsCertificate, options.SiloTlsKey, options.SiloTlsCa }.Count(file => file.Length > 0);
        if (given is 1 or 2)
        {
            yield return "silo-tls-certificate, silo-tls-key and silo-tls-ca belong together: give all or none.";
        }

        if (!_silo.Insecure && IsOpen(_silo.SiloListen) && !HasTlsBetweenSilos(options))
        {
            yield return $"silo-listen is '{_silo.SiloListen}', which other machines reach, without TLS: whoever reaches it is taken for a silo. Give silo-tls-certificate, " +
                "silo-tls-key and silo-tls-ca, or let tls-certificate name a silo, for clientAuth and serverAuth, beside client-ca; or say insecure if only silos reach it.";
        }
    }

    /// <summary>As <see cref="SiloCredentials"/> will find it. Files that cannot be read are told there.</summary>
    private bool HasTlsBetweenSilos(SecurityOptions options)
    {
        try
        {
            return options.HasSiloTls || (options.ClientCa.Length > 0 && _silo.HasTls && SiloCredentials.CanJoin(OwnCertificate.Load(_silo.TlsCertificate, _silo.TlsKey), options));
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static bool IsOpen(string listen) => SiloOptions.TryParseListen(listen, out var endpoint) && !IPAddress.IsLoopback(endpoint.Address);

    private static IEnumerable<string> Files(SecurityOptions options) =>
        new[] { options.ClientCa, options.Crl, options.Access, options.JwtKeys, options.SiloTlsCertificate, options.SiloTlsKey, options.SiloTlsCa }
            .Where(file => file.Length > 0 && !File.Exists(file)).Distinct().Select(file => $"there is no file '{file}'.");

    private static bool IsSecret(string authority) =>
        Uri.TryCreate(authority, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback));
}
