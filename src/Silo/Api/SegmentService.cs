using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Vallum.Contracts.Api.V1;

namespace Vallum.Silo.Api;

internal sealed class SegmentService(IGrainFactory grains) : Contracts.Api.V1.SegmentService.SegmentServiceBase
{
    private readonly StandardMethods<Segment> _methods = new(ObjectKinds.Segment, grains);

    public override Task<Segment> GetSegment(GetRequest request, ServerCallContext context) => _methods.GetAsync(request);

    public override async Task<ListSegmentsResponse> ListSegments(ListRequest request, ServerCallContext context)
    {
        var (page, next) = await _methods.ListAsync(request, context);
        return new ListSegmentsResponse { Segments = { page }, NextPageToken = next };
    }

    public override Task<Segment> CreateSegment(CreateSegmentRequest request, ServerCallContext context) =>
        _methods.CreateAsync(request.Segment, request.RequestId, request.ValidateOnly, context);

    public override Task<Segment> UpdateSegment(UpdateSegmentRequest request, ServerCallContext context) =>
        _methods.UpdateAsync(request.Segment, request.AllowMissing, request.RequestId, request.ValidateOnly, context);

    public override async Task<Empty> DeleteSegment(DeleteRequest request, ServerCallContext context)
    {
        await _methods.DeleteAsync(request, context);
        return new Empty();
    }
}
