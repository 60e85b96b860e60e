using System.Net.Sockets;
using System.Security.Authentication;
using Grpc.Core;

namespace Vallum.Cli.Server;

/// <summary>Why no connection with TLS came about, and what to do.</summary>
internal static class TlsErrors
{
    /// <returns>Null: TLS is not what failed.</returns>
    public static string? Describe(RpcException exception, string server)
    {
        if (exception.GetRpcStatus() is not null)
        {
            // The control plane has answered.
            return null;
        }

        for (var cause = exception.Status.DebugException; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case AuthenticationException when cause.Message.Contains("RemoteCertificateNameMismatch", StringComparison.Ordinal):
                    return $"error: the certificate that {server} shows is for other names (SERVER_NAME); use one of its names in --server";
                case AuthenticationException when cause.Message.Contains("remote certificate", StringComparison.OrdinalIgnoreCase):
                    return $"error: {server} shows a certificate that does not hold: {cause.Message.TrimEnd('.')} (SERVER_UNTRUSTED); give its authority with --ca or VALLUM_CA";
                case AuthenticationException:
                    return $"error: no TLS with {server}: {cause.Message.TrimEnd('.')} (TLS_FAILED); is it an https address?";
                case HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError, InnerException: not AuthenticationException and not SocketException }:
                    return $"error: no TLS with {server} (TLS_FAILED); is it an https address? http:// is without TLS";
                case HttpRequestException { HttpRequestError: HttpRequestError.HttpProtocolError or HttpRequestError.InvalidResponse or HttpRequestError.ResponseEnded }:
                    return $"error: {server} does not speak as asked (PROTOCOL); it may want TLS: https:// in --server or VALLUM_SERVER";
            }
        }

        return null;
    }
}
