using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Vallum.Security.Tests.Given;

/// <summary>What the silo reads of an OpenID Connect provider (OpenID Connect Discovery 1.0): its configuration and its keys. On loopback, where http will do.</summary>
public sealed class OpenIdProvider : IAsyncDisposable
{
    private readonly int _port;
    private WebApplication? _app;

    public OpenIdProvider()
    {
        using var free = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        free.Start();
        _port = ((System.Net.IPEndPoint)free.LocalEndpoint).Port;
    }

    /// <summary>It takes connections and reads requests, and never answers.</summary>
    public bool IsSilent { get; set; }

    public string Address => $"http://127.0.0.1:{_port}";

    public TokenIssuer Signer { get; private set; } = new();

    public async Task StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(Address);
        _app = builder.Build();
        _app.Use(async (context, next) =>
        {
            await Task.Delay(IsSilent ? Timeout.InfiniteTimeSpan : TimeSpan.Zero, context.RequestAborted);
            await next(context);
        });
        _app.MapGet("/.well-known/openid-configuration", () => Results.Json(new { issuer = Address, jwks_uri = $"{Address}/keys" }));
        _app.MapGet("/keys", () => Results.Text(Signer.KeySet(), "application/json"));
        await _app.StartAsync();
    }

    public async Task StopAsync()
    {
        if (_app is { } app)
        {
            _app = null;
            await app.DisposeAsync();
        }
    }

    /// <summary>From now on it signs with another key, and shows only that.</summary>
    public void ReplaceKey(string keyId)
    {
        Signer.Dispose();
        Signer = new TokenIssuer(keyId);
    }

    public string Token(string subject, params string[] groups)
    {
        var claims = TokenIssuer.Claims(subject, groups);
        claims["iss"] = Address;
        return Signer.Sign(claims);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Signer.Dispose();
    }
}
