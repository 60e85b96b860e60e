using Grpc.Core;

namespace Vallum.Silo.Security.Callers;

/// <summary>An answer without a message, for calls that are refused before gRPC sees them (gRPC over HTTP/2, "Trailers-Only").</summary>
internal static class TrailersOnly
{
    public static Task WriteAsync(HttpContext context, RpcException error)
    {
        var response = context.Response;
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = "application/grpc";
        response.Headers["grpc-status"] = ((int)error.StatusCode).ToString(System.Globalization.CultureInfo.InvariantCulture);
        response.Headers["grpc-message"] = Uri.EscapeDataString(error.Status.Detail);
        foreach (var entry in error.Trailers.Where(entry => entry.IsBinary))
        {
            response.Headers[entry.Key] = Convert.ToBase64String(entry.ValueBytes).TrimEnd('=');
        }

        return response.CompleteAsync();
    }
}
