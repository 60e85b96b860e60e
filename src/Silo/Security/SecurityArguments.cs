using System.CommandLine;
using static Vallum.Silo.Hosting.SiloCommand;

namespace Vallum.Silo.Security;

/// <summary>What of <see cref="SecurityOptions"/> the command line takes.</summary>
internal static class SecurityArguments
{
    public static IEnumerable<Option<string?>> All =>
    [
        Text("--client-ca", "FILE", "PEM authorities of clients' certificates; clients must then be known, by a certificate or a token."),
        Text("--crl", "FILE", "PEM or DER revocation lists of those authorities."),
        Text("--trust-domain", "NAME", "Certificates name spiffe://NAME/node/…, /silo/… or /user/…. Default: vallum."),
        Text("--access", "FILE", "JSON file that gives users and groups roles, beside the built-in groups."),
        Text("--jwt-authority", "URL", "OpenID Connect issuer of orchestrators' tokens."),
        Text("--jwt-keys", "FILE", "JSON Web Key Set to verify tokens with, instead of an authority."),
        Text("--jwt-issuer", "TEXT", "What tokens' iss must be; with --jwt-authority its own by default."),
        Text("--jwt-audience", "TEXT", "What must be in tokens' aud."),
        Text("--silo-tls-certificate", "FILE", "PEM certificate towards other silos. Default: the listener's, where it names a silo and is for both sides."),
        Text("--silo-tls-key", "FILE", "PEM key of that certificate."),
        Text("--silo-tls-ca", "FILE", "PEM authorities of other silos' certificates. Default: --client-ca."),
    ];
}
