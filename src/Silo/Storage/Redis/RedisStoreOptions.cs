using System.Net;
using System.Security.Cryptography.X509Certificates;
using StackExchange.Redis;

namespace Vallum.Silo.Storage.Redis;

/// <summary>Where Redis is, and how the silo proves itself there.</summary>
/// <param name="Servers">As StackExchange.Redis writes it: "host:port", more endpoints and options such as user=…, ssl=true behind commas.</param>
/// <param name="PasswordFile">File with the password in its first line; empty: none, or in <paramref name="Servers"/>.</param>
/// <param name="TlsCa">PEM file with the authority that signed the server's certificate; TLS is then on. Empty: the system's authorities, where TLS is on.</param>
/// <param name="TlsCertificate">PEM file with the silo's own certificate, for a server that asks for one (tls-auth-clients); empty: none.</param>
/// <param name="TlsKey">PEM file with its key.</param>
internal sealed record RedisStoreOptions(string Servers, string PasswordFile, string TlsCa, string TlsCertificate, string TlsKey)
{
    /// <summary>What is wrong with these settings, one sentence each; empty when nothing is.</summary>
    public IEnumerable<string> Faults()
    {
        if (string.IsNullOrWhiteSpace(Servers))
        {
            yield return "redis is empty: name the server, such as redis-1:6379.";
        }
        else if (ParseFault() is { } fault)
        {
            yield return fault;
        }

        foreach (var (setting, file) in ((string, string)[])
            [("redis-password-file", PasswordFile), ("redis-tls-ca", TlsCa), ("redis-tls-certificate", TlsCertificate), ("redis-tls-key", TlsKey)])
        {
            if (file.Length > 0 && !File.Exists(file))
            {
                yield return $"{setting}: there is no file '{file}'.";
            }
        }

        if (TlsCertificate.Length > 0 != TlsKey.Length > 0)
        {
            yield return "redis-tls-certificate and redis-tls-key belong together: give both or none.";
        }
    }

    public bool UsesTls => TlsCa.Length > 0 || TlsCertificate.Length > 0 || ConfigurationOptions.Parse(Servers).Ssl;

    /// <summary>The servers' names, without what is secret.</summary>
    public string Names() => string.Join(", ", ConfigurationOptions.Parse(Servers).EndPoints.Select(Name));

    /// <summary>For a connection of its own with this name, which Redis shows in CLIENT LIST.</summary>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public ConfigurationOptions ToConfiguration(string clientName)
    {
        var configuration = ConfigurationOptions.Parse(Servers);
        configuration.ClientName = clientName;
        // A server that comes back is to be met at once, not after a wait that has doubled while it was away.
        configuration.ReconnectRetryPolicy = new LinearRetry(200);
        configuration.HeartbeatInterval = TimeSpan.FromMilliseconds(250);
        if (PasswordFile.Length > 0)
        {
            configuration.Password = File.ReadLines(PasswordFile).FirstOrDefault("").Trim();
        }

        configuration.Ssl = UsesTls;
        if (TlsCa.Length > 0)
        {
            configuration.TrustIssuer(TlsCa);
        }

        if (TlsCertificate.Length > 0)
        {
            // Windows aside, a key that was read from PEM serves a handshake as it is.
            var own = X509Certificate2.CreateFromPemFile(TlsCertificate, TlsKey);
            configuration.CertificateSelection += (_, _, _, _, _) => own;
        }

        return configuration;
    }

    private static string Name(EndPoint endpoint) => endpoint is DnsEndPoint dns ? $"{dns.Host}:{dns.Port}" : endpoint.ToString()!;

    private string? ParseFault()
    {
        try
        {
            var parsed = ConfigurationOptions.Parse(Servers);
            return parsed.EndPoints.Count == 0 ? $"redis is '{Servers}': it names no server; write host:port first."
                : parsed.Password is not null && PasswordFile.Length > 0 ? "redis has a password, and redis-password-file another: keep the file."
                : null;
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException)
        {
            // What is wrong may be beside the password: the text itself is not repeated.
            return $"redis cannot be read: {exception.Message}";
        }
    }
}
