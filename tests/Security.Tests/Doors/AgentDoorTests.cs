using Grpc.Core;
using Vallum.Contracts.Agent.V1;
using Vallum.Credentials;
using Vallum.Security.Tests.Given;

namespace Vallum.Security.Tests.Doors;

/// <summary>Who may speak as the agent of a node.</summary>
public sealed class AgentDoorTests(SecureSilo silo)
{
    [Theory]
    [InlineData("none", "NO_CREDENTIALS")]
    [InlineData("other authority", "CERTIFICATE_UNTRUSTED")]
    [InlineData("expired", "CERTIFICATE_EXPIRED")]
    [InlineData("not yet valid", "CERTIFICATE_NOT_YET_VALID")]
    [InlineData("for servers", "CERTIFICATE_USAGE")]
    [InlineData("other domain", "CERTIFICATE_IDENTITY")]
    [InlineData("revoked", "CERTIFICATE_REVOKED")]
    public async Task An_agent_that_cannot_be_known_gets_no_stream(string fault, string reason)
    {
        var certificate = silo.Wrong(fault, PeerKind.Node, "n1");

        await Eventually.SucceedAsync(async () =>
        {
            using var client = silo.As(certificate);
            (await Refusal.OfAsync(() => HelloAsync(client, "n1"))).Reason.ShouldBe(reason);
        });
    }

    [Fact]
    public async Task An_agent_speaks_for_the_node_that_its_certificate_names_and_for_no_other()
    {
        using var client = silo.As(silo.Files.Node("n2"));

        using (await HelloAsync(client, "n2"))
        {
        }

        var refusal = await Refusal.OfAsync(() => HelloAsync(client, "n1"));
        (refusal.Code, refusal.Reason).ShouldBe((StatusCode.PermissionDenied, "OTHER_NODE"));
        refusal.Message.ShouldContain("n1");
    }

    [Fact]
    public async Task A_user_is_no_agent_whatever_its_role_nor_is_a_token()
    {
        using var admin = silo.Admin();
        using var robot = silo.As(null, silo.Tokens.Token("robot", "vallum:admin"));

        (await Refusal.OfAsync(() => HelloAsync(admin, "n1"))).Reason.ShouldBe("NOT_A_NODE");
        (await Refusal.OfAsync(() => HelloAsync(robot, "n1"))).Reason.ShouldBe("NOT_A_NODE");
    }

    [Fact]
    public async Task The_stream_of_an_agent_whose_certificate_is_revoked_ends_and_the_next_is_refused()
    {
        var certificate = silo.Files.Node("n3");
        using var client = silo.As(certificate);
        using var call = await HelloAsync(client, "n3");

        silo.Files.Revoke(certificate);

        await Should.ThrowAsync<RpcException>(() => ReadToEndAsync(call));
        await Eventually.SucceedAsync(async () => (await Refusal.OfAsync(() => HelloAsync(client, "n3"))).Reason.ShouldBe("CERTIFICATE_REVOKED"));
    }

    [Fact]
    public async Task The_stream_of_an_agent_ends_with_its_certificate()
    {
        var certificate = silo.Files.Odd(Files.Of(PeerKind.Node, "n4"), TimeSpan.FromDays(-1), TimeSpan.FromSeconds(3), [Purpose.Client]);
        using var client = silo.As(certificate);
        using var call = await HelloAsync(client, "n4");

        await Should.ThrowAsync<RpcException>(() => ReadToEndAsync(call));
        await Eventually.SucceedAsync(async () => (await Refusal.OfAsync(() => HelloAsync(client, "n4"))).Reason.ShouldBe("CERTIFICATE_EXPIRED"));
    }

    /// <summary>The stream, once the silo has answered.</summary>
    private static async Task<AsyncDuplexStreamingCall<AgentMessage, ControlMessage>> HelloAsync(Client client, string node)
    {
        var call = new AgentService.AgentServiceClient(client.Channel).Connect(client.Call);
        try
        {
            await call.RequestStream.WriteAsync(new AgentMessage { Hello = new Hello { Node = node, InstanceId = "1" } });
        }
        catch (Exception exception) when (exception is RpcException or InvalidOperationException)
        {
            // The answer says why.
        }

        (await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken)).ShouldBeTrue();
        return call;
    }

    private static async Task ReadToEndAsync(AsyncDuplexStreamingCall<AgentMessage, ControlMessage> call)
    {
        while (await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken))
        {
        }
    }
}
