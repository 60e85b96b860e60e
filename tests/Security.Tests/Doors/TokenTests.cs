using Grpc.Core;
using Vallum.Contracts.Api.V1;
using Vallum.Credentials;
using Vallum.Security.Tests.Given;

namespace Vallum.Security.Tests.Doors;

/// <summary>Tokens: signed with a key of the issuer, for us, now, or nothing.</summary>
public sealed class TokenTests(SecureSilo silo)
{
    [Fact]
    public async Task A_token_is_enough_and_its_groups_give_roles()
    {
        using var admin = silo.As(null, silo.Tokens.Token("robot", "vallum:admin"));
        using var editor = silo.As(null, silo.Tokens.Token("ci"));

        (await admin.Tenants.ListTenantsAsync(new ListRequest(), admin.Call)).Tenants.Count.ShouldBeGreaterThan(1);
        (await editor.Tenants.ListTenantsAsync(new ListRequest(), editor.Call)).Tenants.ShouldHaveSingleItem().Name.ShouldBe("tenants/shop");
    }

    [Theory]
    [InlineData("other key", "TOKEN_SIGNATURE")]
    [InlineData("no signature", "TOKEN_SIGNATURE")]
    [InlineData("public key as secret", "TOKEN_SIGNATURE")]
    [InlineData("changed", "TOKEN_SIGNATURE")]
    [InlineData("issuer", "TOKEN_ISSUER")]
    [InlineData("audience", "TOKEN_AUDIENCE")]
    [InlineData("expired", "TOKEN_EXPIRED")]
    [InlineData("early", "TOKEN_NOT_YET_VALID")]
    [InlineData("endless", "TOKEN_INVALID")]
    [InlineData("nobody", "TOKEN_INVALID")]
    [InlineData("junk", "TOKEN_INVALID")]
    public async Task A_wrong_token_is_refused_with_what_is_wrong(string fault, string reason)
    {
        using var client = silo.As(null, Wrong(fault));

        var refusal = await Refusal.OfAsync(client.VersionAsync);

        refusal.Code.ShouldBe(StatusCode.Unauthenticated);
        refusal.Reason.ShouldBe(reason);
    }

    [Fact]
    public async Task A_good_token_does_not_make_up_for_a_certificate_that_does_not_hold()
    {
        using var client = silo.As(silo.Wrong("expired", PeerKind.User, "ann"), silo.Tokens.Token("robot", "vallum:admin"));

        (await Refusal.OfAsync(client.VersionAsync)).Reason.ShouldBe("CERTIFICATE_EXPIRED");
    }

    [Fact]
    public async Task A_stream_ends_with_its_token()
    {
        var claims = TokenIssuer.Claims("robot", "vallum:admin");
        // It counts for 30 s more, since clocks differ; the stream ends when it says.
        claims["exp"] = DateTimeOffset.UtcNow.AddSeconds(2).ToUnixTimeSeconds();
        using var client = silo.As(null, silo.Tokens.Sign(claims));
        using var watch = client.Resources.Watch(new WatchRequest { Parent = "tenants/shop" }, client.Call);

        await Should.ThrowAsync<RpcException>(async () =>
        {
            while (await watch.ResponseStream.MoveNext(TestContext.Current.CancellationToken))
            {
            }
        });
    }

    private string Wrong(string fault)
    {
        var claims = TokenIssuer.Claims("robot", "vallum:admin");
        using var other = new TokenIssuer();
        switch (fault)
        {
            case "other key":
                return other.Sign(claims);
            case "no signature":
                return silo.Tokens.Unsigned(claims);
            case "public key as secret":
                return silo.Tokens.SignWithPublicKeyAsSecret(claims);
            case "changed":
                var (good, bad) = (silo.Tokens.Token("robot").Split('.'), other.Sign(claims).Split('.'));
                return $"{good[0]}.{bad[1]}.{good[2]}";
            case "issuer":
                claims["iss"] = "https://elsewhere.test";
                break;
            case "audience":
                claims["aud"] = "elsewhere";
                break;
            case "expired":
                claims["exp"] = DateTimeOffset.UtcNow.AddMinutes(-2).ToUnixTimeSeconds();
                break;
            case "early":
                claims["nbf"] = DateTimeOffset.UtcNow.AddMinutes(2).ToUnixTimeSeconds();
                break;
            case "endless":
                claims.Remove("exp");
                break;
            case "nobody":
                claims.Remove("sub");
                break;
            default:
                return "junk";
        }

        return silo.Tokens.Sign(claims);
    }
}
