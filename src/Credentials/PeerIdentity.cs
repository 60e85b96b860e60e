using System.Diagnostics.CodeAnalysis;

namespace Vallum.Credentials;

/// <summary>What a peer is. It may do only what its kind does: a user is no agent, and a node no user.</summary>
public enum PeerKind
{
    Node,
    Silo,
    User,
}

/// <summary>
/// Who a peer is, as its certificate's one URI says it: <c>spiffe://TRUST-DOMAIN/node/NAME</c>, <c>/silo/NAME</c> or <c>/user/NAME</c>
/// (<see href="https://github.com/spiffe/spiffe/blob/main/standards/SPIFFE-ID.md"/>).
/// </summary>
public sealed record PeerIdentity(string TrustDomain, PeerKind Kind, string Name)
{
    public const string DefaultTrustDomain = "vallum";

    private const int LongestName = 253;
    private const string Scheme = "spiffe://";

    public static bool TryParse(string uri, [NotNullWhen(true)] out PeerIdentity? identity)
    {
        identity = null;
        if (!uri.StartsWith(Scheme, StringComparison.Ordinal) || uri[Scheme.Length..].Split('/') is not [var domain, var word, var name] ||
            !IsTrustDomain(domain) || !IsName(name) || KindOf(word) is not { } kind)
        {
            return false;
        }

        identity = new PeerIdentity(domain, kind, name);
        return true;
    }

    /// <summary>Lower case letters, digits, '.', '-' and '_'; at most 255.</summary>
    public static bool IsTrustDomain(string text) =>
        text.Length is > 0 and <= 255 && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '.' or '-' or '_');

    /// <summary>Letters, digits, '.', '-' and '_'; at most 253. A node's is the Node's name.</summary>
    public static bool IsName(string text) =>
        text.Length is > 0 and <= LongestName && text is not ("." or "..") && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_');

    public static string WordOf(PeerKind kind) => kind switch
    {
        PeerKind.Node => "node",
        PeerKind.Silo => "silo",
        _ => "user",
    };

    public override string ToString() => $"{Scheme}{TrustDomain}/{WordOf(Kind)}/{Name}";

    private static PeerKind? KindOf(string word) => word switch
    {
        "node" => PeerKind.Node,
        "silo" => PeerKind.Silo,
        "user" => PeerKind.User,
        _ => null,
    };
}
