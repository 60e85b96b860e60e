using Grpc.Core;
using Vallum.Contracts.Api.V1;
using Vallum.Silo.Security.Callers;

namespace Vallum.Silo.Api;

internal sealed class HistoryService(IGrainFactory grains) : Contracts.Api.V1.HistoryService.HistoryServiceBase
{
    public override Task<ListHistoryResponse> ListHistory(ListHistoryRequest request, ServerCallContext context) =>
        new HistoryList(grains, request).ReadAsync(context.CancellationToken);

    public override Task<RollbackResponse> Rollback(RollbackRequest request, ServerCallContext context) =>
        new RollbackOperation(grains, request, Caller.Of(context)).RunAsync(context.CancellationToken);
}
