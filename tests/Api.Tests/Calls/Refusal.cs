using Google.Rpc;
using Grpc.Core;

namespace Vallum.Api.Tests.Calls;

/// <summary>What a refused call said. Every refusal that a test sees has exactly one ErrorInfo, of this API (AIP-193).</summary>
internal sealed record Refusal(StatusCode Code, string Reason, string Message, IReadOnlyList<BadRequest.Types.FieldViolation> Violations, TimeSpan? RetryAfter)
{
    public IEnumerable<string> Fields => Violations.Select(violation => violation.Field);

    public static async Task<Refusal> OfAsync(Func<Task> call)
    {
        var exception = await Should.ThrowAsync<RpcException>(call);
        var status = exception.GetRpcStatus().ShouldNotBeNull($"no details: {exception.Status}");
        var told = status.Details.Where(detail => detail.Is(ErrorInfo.Descriptor)).ShouldHaveSingleItem().Unpack<ErrorInfo>();
        told.Domain.ShouldBe("vallum");
        status.Code.ShouldBe((int)exception.StatusCode);
        return new Refusal(exception.StatusCode, told.Reason, exception.Status.Detail, [.. status.GetDetail<BadRequest>()?.FieldViolations ?? []], status.GetDetail<RetryInfo>()?.RetryDelay.ToTimeSpan());
    }

    public static Task<Refusal> OfAsync<T>(AsyncUnaryCall<T> call) => OfAsync(() => call.ResponseAsync);
}
