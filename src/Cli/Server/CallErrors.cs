using Google.Rpc;
using Grpc.Core;

namespace Vallum.Cli.Server;

/// <summary>What a failed call says to people: what, where, why, and every field that is wrong.</summary>
internal static class CallErrors
{
    /// <summary>A server that no TLS comes about with is not reached, whatever gRPC calls it.</summary>
    public static int ExitCodeOf(RpcException exception, string server) =>
        TlsErrors.Describe(exception, server) is null ? ExitCode.Of(exception.StatusCode) : ExitCode.Unreachable;

    /// <param name="place">Says where a field of the request came from; null: as it is.</param>
    public static IEnumerable<string> Describe(RpcException exception, string server, Func<string, string>? place = null)
    {
        if (TlsErrors.Describe(exception, server) is { } tls)
        {
            yield return tls;
            yield break;
        }

        if (exception.StatusCode == StatusCode.Unavailable && exception.GetRpcStatus() is null)
        {
            yield return $"error: no control plane answers at {server} (UNREACHABLE); is it running? choose another with --server or VALLUM_SERVER";
            yield break;
        }

        var status = exception.GetRpcStatus();
        var reason = status?.GetDetail<ErrorInfo>()?.Reason ?? exception.StatusCode.ToString().ToUpperInvariant();
        var violations = status?.GetDetail<BadRequest>()?.FieldViolations.ToList() ?? [];
        var message = exception.StatusCode switch
        {
            StatusCode.DeadlineExceeded => "no answer in time; the change may or may not have been made (see --request-timeout)",
            StatusCode.Unauthenticated when reason == "NO_CREDENTIALS" =>
                $"{exception.Status.Detail}; give --certificate and --key, or --token-file (VALLUM_CERTIFICATE, VALLUM_KEY, VALLUM_TOKEN_FILE)",
            StatusCode.PermissionDenied => exception.Status.Detail,
            _ when violations.Count > 0 => violations.Count == 1 ? "one field is wrong" : $"{violations.Count} fields are wrong",
            _ => exception.Status.Detail,
        };
        yield return $"error: {message} ({reason})";
        foreach (var violation in violations)
        {
            yield return $"  {place?.Invoke(violation.Field) ?? violation.Field}: {violation.Description} ({violation.Reason})";
        }
    }
}
