using Grpc.Core;

namespace Vallum.Silo.Security.Callers;

/// <summary>An answer without a message, for calls that are refused before gRPC sees them (gRPC over HTTP/2, "Trailers-Only").</summary>
internal static class TrailersOnly
{
    public const string Status = "grpc-status";
    public const string Message = "grpc-message";
    public const string Details = "grpc-status-details-bin";

    public static Task WriteAsync(HttpContext context, RpcException error)
    {
        var response = context.Response;
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = "application/grpc";
        Set(response, error);
        return response.CompleteAsync();
    }

    /// <summary>In place of the status that is there, of an answer that has not started.</summary>
    public static void Set(HttpResponse response, RpcException error)
    {
        response.Headers[Status] = ((int)error.StatusCode).ToString(System.Globalization.CultureInfo.InvariantCulture);
        response.Headers[Message] = Uri.EscapeDataString(error.Status.Detail);
        foreach (var entry in error.Trailers.Where(entry => entry.IsBinary))
        {
            response.Headers[entry.Key] = Convert.ToBase64String(entry.ValueBytes).TrimEnd('=');
        }
    }
}
