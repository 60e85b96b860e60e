using Grpc.Core;
using Vallum.Security.Tests.Given;
using Vallum.SiloHost;

namespace Vallum.Security.Tests.Doors;

/// <summary>Tokens of an OpenID Connect provider, which is there, is not yet, replaces its keys, and goes away.</summary>
public sealed class AuthorityTests : IAsyncLifetime
{
    private readonly Files _files = new();
    private readonly OpenIdProvider _provider = new();
    private TestSilo _silo = null!;

    public async ValueTask InitializeAsync() =>
        _silo = await SecureSilo.StartAsync(
            _files, _files.FolderOf("data"), _files.Silo("s1"), ("jwt-authority", _provider.Address), ("jwt-audience", TokenIssuer.Audience));

    public async ValueTask DisposeAsync()
    {
        await _silo.DisposeAsync();
        await _provider.DisposeAsync();
        _files.Dispose();
    }

    [Fact]
    public async Task Its_tokens_are_taken_and_those_of_another_key_or_issuer_are_not()
    {
        await _provider.StartAsync();
        using var other = new TokenIssuer();
        var claims = TokenIssuer.Claims("robot", "vallum:viewer");

        await AskAsync(_provider.Token("robot", "vallum:viewer"));
        (await RefusalOfAsync(_provider.Signer.Sign(claims))).Reason.ShouldBe("TOKEN_ISSUER");
        claims["iss"] = _provider.Address;
        (await RefusalOfAsync(other.Sign(claims))).Reason.ShouldBe("TOKEN_SIGNATURE");
    }

    [Fact]
    public async Task Until_it_answers_nobody_is_let_in_by_a_token_and_the_silo_serves_others()
    {
        var token = _provider.Token("robot", "vallum:viewer");

        var refusal = await RefusalOfAsync(token);
        (refusal.Code, refusal.Reason).ShouldBe((StatusCode.Unauthenticated, "ISSUER_UNREACHABLE"));
        using var ann = new Client(_silo.Address, _files.Authority, _files.User("ann", "vallum:viewer"));
        await ann.VersionAsync();

        await _provider.StartAsync();
        await Eventually.SucceedAsync(() => AskAsync(token));
    }

    [Fact]
    public async Task While_it_takes_connections_and_never_answers_callers_are_told_so_before_they_give_up()
    {
        _provider.IsSilent = true;
        await _provider.StartAsync();
        var token = _provider.Token("robot", "vallum:viewer");

        (await RefusalOfAsync(token)).Reason.ShouldBe("ISSUER_UNREACHABLE");

        _provider.IsSilent = false;
        await Eventually.SucceedAsync(() => AskAsync(token));
    }

    [Fact]
    public async Task It_replaces_its_key_and_the_next_token_counts_at_once()
    {
        await _provider.StartAsync();
        var before = _provider.Token("robot", "vallum:viewer");
        await AskAsync(before);

        _provider.ReplaceKey("2");

        await Eventually.SucceedAsync(() => AskAsync(_provider.Token("robot", "vallum:viewer")));
        await Eventually.SucceedAsync(async () => (await RefusalOfAsync(before)).Reason.ShouldBe("TOKEN_SIGNATURE"));
    }

    [Fact]
    public async Task It_goes_away_and_its_tokens_still_count()
    {
        await _provider.StartAsync();
        await AskAsync(_provider.Token("robot", "vallum:viewer"));

        await _provider.StopAsync();

        await AskAsync(_provider.Token("another", "vallum:viewer"));
    }

    private async Task AskAsync(string token)
    {
        using var client = new Client(_silo.Address, _files.Authority, null, token);
        await client.VersionAsync();
    }

    private async Task<Refusal> RefusalOfAsync(string token)
    {
        using var client = new Client(_silo.Address, _files.Authority, null, token);
        return await Refusal.OfAsync(client.VersionAsync);
    }
}
