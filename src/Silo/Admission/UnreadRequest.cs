using System.Globalization;
using Grpc.Core;
using Vallum.Silo.Api;
using Vallum.Silo.Security.Callers;

namespace Vallum.Silo.Admission;

/// <summary>Calls that gRPC refuses before it asks a method: its answer, in the form and with the details of all others.</summary>
internal static class UnreadRequest
{
    /// <summary>Behind everything that answers. Methods give their errors details; what has none is gRPC's own.</summary>
    public static void Explain(HttpContext context)
    {
        var headers = context.Response.Headers;
        if (context.Response.HasStarted
            || headers.ContainsKey(TrailersOnly.Details)
            || !int.TryParse(headers[TrailersOnly.Status], NumberStyles.None, CultureInfo.InvariantCulture, out var status))
        {
            return;
        }

        // gRPC names the exception, and before it a handler that was never asked.
        var words = Uri.UnescapeDataString(headers[TrailersOnly.Message].ToString()).Split("Exception: ")[^1];
        var error = (StatusCode)status switch
        {
            // What its reader throws at bytes that are no such message, and what it says of a frame that is none or is cut off.
            StatusCode.Unknown or StatusCode.Internal => ApiError.Malformed($"the bytes are no request of {context.Request.Path}: {words}"),
            StatusCode.Unimplemented => ApiError.Unimplemented($"{context.Request.Path}: {words}"),
            _ => null,
        };
        if (error is not null)
        {
            TrailersOnly.Set(context.Response, error);
        }
    }
}
