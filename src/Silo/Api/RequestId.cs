namespace Vallum.Silo.Api;

/// <summary>A retry with the same request id is answered as the first try was.</summary>
internal static class RequestId
{
    private const int MaxLength = 64;

    /// <exception cref="Grpc.Core.RpcException">INVALID_ARGUMENT.</exception>
    public static void Check(string requestId)
    {
        if (requestId.Length > MaxLength)
        {
            throw ApiError.Invalid("request_id", "TOO_LONG", $"{requestId.Length} characters; at most {MaxLength}, best a UUID");
        }
    }
}
