using System.Collections.Immutable;
using System.Globalization;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Options;
using Vallum.Credentials;
using Vallum.Silo.Api;
using Vallum.Silo.Hosting;
using Vallum.Silo.Security.Access;

namespace Vallum.Silo.Security.Callers;

/// <summary>
/// Finds out who makes a call to the gRPC listener, before a byte of its message is read. A token says who, where one is given; else the connection's
/// certificate does. Whatever is shown must hold, also where the other would have been enough.
/// </summary>
internal sealed class Authentication(
    SiloCredentials credentials, MethodRules rules, IOptions<SecurityOptions> options, TimeProvider time, CallerLog log) : IMiddleware
{
    private const int LongestName = 256;

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (context.ListenerOf() == Listener.Admin)
        {
            await next(context);
            return;
        }

        try
        {
            context.Features.Set(await FindAsync(context));
        }
        catch (UnknownCaller) when (rules.IsForAnyone(context.Request.Path))
        {
            // Whether a silo is healthy is told to load balancers, too, which are nobody.
            context.Features.Set(Caller.Unknown(AddressOf(context)));
        }
        catch (UnknownCaller unknown)
        {
            log.Unknown(context.Request.Path, context.Connection.RemoteIpAddress, unknown.Message, unknown.Reason);
            await TrailersOnly.WriteAsync(context, ApiError.Unauthenticated(unknown.Reason, unknown.Message));
            return;
        }

        await UntilAsync(context, next);
    }

    private async Task<Caller> FindAsync(HttpContext context)
    {
        if (!options.Value.KnowsClients)
        {
            return Caller.Anonymous(AddressOf(context));
        }

        var judgement = credentials.Clients is { } trust ? context.Features.Get<PeerConnection>()?.Judge(trust.Current, time.GetUtcNow()) : null;
        return judgement switch
        {
            PeerJudgement.Refused refused => throw new UnknownCaller(refused.Reason, refused.Words),
            _ when context.Request.Headers.Authorization.Count > 0 => await OfTokenAsync(context),
            PeerJudgement.Known known => OfCertificate(known),
            _ => throw new UnknownCaller("NO_CREDENTIALS", $"nobody may call without being known: show {Expected()}"),
        };
    }

    private static string AddressOf(HttpContext context) => context.Connection.RemoteIpAddress?.ToString() ?? "";

    private string Expected() => (credentials.Clients is not null, options.Value.TakesTokens) switch
    {
        (true, true) => "a client certificate, or a token (authorization: Bearer …)",
        (true, false) => "a client certificate",
        _ => "a token (authorization: Bearer …)",
    };

    private Caller OfCertificate(PeerJudgement.Known known) => new(
        $"{PeerIdentity.WordOf(known.Identity.Kind)}:{known.Identity.Name}",
        known.Identity.Kind,
        known.Identity.Kind == PeerKind.Node ? known.Identity.Name : null,
        known.Groups,
        known.Identity.Kind == PeerKind.User ? AccessTable.RightsOf(credentials.Access?.Current, $"user:{known.Identity.Name}", known.Groups) : new Rights([]),
        // The connection is ended with its certificate.
        Until: null);

    private async Task<Caller> OfTokenAsync(HttpContext context)
    {
        if (!options.Value.TakesTokens)
        {
            throw new UnknownCaller("TOKENS_NOT_TAKEN", "this silo takes no tokens: show a client certificate");
        }

        var result = await context.AuthenticateAsync(JwtBearerDefaults.AuthenticationScheme);
        if (result.Principal is not { } principal)
        {
            var (reason, words) = result.None ? ("TOKEN_INVALID", "the authorization is none of ours: write Bearer and a token") : Tokens.WhyNot(result.Failure);
            throw new UnknownCaller(reason, words);
        }

        var subject = principal.FindFirst(Tokens.SubjectClaim)?.Value;
        if (subject is not { Length: > 0 and <= LongestName } || subject.Any(char.IsControl))
        {
            throw new UnknownCaller("TOKEN_INVALID", $"the token's sub is not a name of 1 to {LongestName} characters");
        }

        var user = $"token:{subject}";
        var groups = principal.FindAll(Tokens.GroupsClaim).Select(claim => claim.Value).ToImmutableArray();
        return new Caller(user, PeerKind.User, null, groups, AccessTable.RightsOf(credentials.Access?.Current, user, groups), EndOf(principal.FindFirst("exp")?.Value));
    }

    private static DateTimeOffset? EndOf(string? seconds) =>
        long.TryParse(seconds, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? DateTimeOffset.FromUnixTimeSeconds(value) : null;

    /// <summary>A stream does not outlast the token that it was opened with.</summary>
    private async Task UntilAsync(HttpContext context, RequestDelegate next)
    {
        if (Caller.Of(context).Until is not { } until)
        {
            await next(context);
            return;
        }

        var left = until - time.GetUtcNow();
        await using var timer = time.CreateTimer(
            _ => context.Abort(), null, left > TimeSpan.Zero ? TimeSpan.FromTicks(Math.Min(left.Ticks, TimeSpan.FromDays(40).Ticks)) : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        await next(context);
    }

    private sealed class UnknownCaller(string reason, string words) : Exception(words)
    {
        public string Reason { get; } = reason;
    }
}
