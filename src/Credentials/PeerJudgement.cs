using System.Collections.Immutable;

namespace Vallum.Credentials;

/// <summary>What is to be said of a certificate: whose it is, or why it counts for nothing.</summary>
public abstract record PeerJudgement
{
    private PeerJudgement()
    {
    }

    /// <param name="Groups">The subject's organizations.</param>
    /// <param name="Until">When the certificate ends.</param>
    public sealed record Known(PeerIdentity Identity, ImmutableArray<string> Groups, DateTimeOffset Until) : PeerJudgement;

    /// <param name="Reason">Stable, such as "CERTIFICATE_EXPIRED".</param>
    /// <param name="Words">For people, with what would be right.</param>
    public sealed record Refused(string Reason, string Words) : PeerJudgement;
}
