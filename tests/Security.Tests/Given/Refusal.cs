using Google.Rpc;
using Grpc.Core;

namespace Vallum.Security.Tests.Given;

/// <summary>What a refused call said.</summary>
internal sealed record Refusal(StatusCode Code, string Reason, string Message, IReadOnlyList<BadRequest.Types.FieldViolation> Violations)
{
    public static async Task<Refusal> OfAsync(Func<Task> call)
    {
        var exception = await Should.ThrowAsync<RpcException>(call);
        var status = exception.GetRpcStatus().ShouldNotBeNull($"no details: {exception.Status}");
        return new Refusal(
            exception.StatusCode, status.GetDetail<ErrorInfo>()!.Reason, exception.Status.Detail, [.. status.GetDetail<BadRequest>()?.FieldViolations ?? []]);
    }
}
