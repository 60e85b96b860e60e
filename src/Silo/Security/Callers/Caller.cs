using System.Collections.Immutable;
using Grpc.Core;
using Vallum.Credentials;
using Vallum.Silo.Security.Access;

namespace Vallum.Silo.Security.Callers;

/// <summary>Who makes a call.</summary>
/// <param name="Name">For the record of changes: "user:ann", "token:ci", "node:n1", or "anonymous@ADDRESS" where nobody has to be known.</param>
/// <param name="Kind">Null: anonymous, who may be anybody.</param>
/// <param name="Node">The node that it may speak for; null: none, or, for the anonymous, any.</param>
/// <param name="Groups">That it is in, by its certificate or token.</param>
/// <param name="Until">When what it showed ends; null: never.</param>
internal sealed record Caller(string Name, PeerKind? Kind, string? Node, ImmutableArray<string> Groups, Rights Rights, DateTimeOffset? Until)
{
    public bool IsUser => Kind is null or PeerKind.User;

    public bool IsNode => Kind is null or PeerKind.Node;

    public static Caller Anonymous(string address) => new($"anonymous@{address}", null, null, [], Rights.All, null);

    /// <summary>Nobody is known, and may do nothing.</summary>
    public static Caller Unknown(string address) => new($"unknown@{address}", PeerKind.User, null, [], new Rights([]), null);

    public static Caller Of(HttpContext context) =>
        context.Features.Get<Caller>() ?? throw new InvalidOperationException("nobody has looked who makes this call");

    public static Caller Of(ServerCallContext call) => Of(call.GetHttpContext());

    public bool MaySpeakFor(string node) => Kind is null || (Kind == PeerKind.Node && Node == node);
}
