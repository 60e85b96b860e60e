using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Vallum.Credentials;

namespace Vallum.Silo.Security.Callers;

/// <summary>An open connection whose peer has shown a certificate. TLS has proved that the peer has the key; whose the certificate is, is judged here.</summary>
internal sealed class PeerConnection(ConnectionContext connection, X509Certificate2 certificate, X509Certificate2Collection sent, string purpose)
{
    private volatile Verdict? _last;

    public EndPoint? Address => connection.RemoteEndPoint;

    /// <summary>Whether it ever held. A peer whose certificate never did is told so at each call, and needs its connection for that.</summary>
    public bool WasKnown { get; private set; }

    /// <summary>The same answer until the trust changes, or the certificate's time comes or goes.</summary>
    public PeerJudgement Judge(PeerTrust trust, DateTimeOffset now)
    {
        if (_last is { } last && last.Trust == trust && last.Judgement is PeerJudgement.Known known && now < known.Until)
        {
            return known;
        }

        var judgement = trust.Judge(certificate, sent, purpose, now);
        _last = new Verdict(trust, judgement);
        WasKnown |= judgement is PeerJudgement.Known;
        return judgement;
    }

    public void Abort(string words) => connection.Abort(new ConnectionAbortedException(words));

    private sealed record Verdict(PeerTrust Trust, PeerJudgement Judgement);
}
