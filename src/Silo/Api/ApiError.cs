using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using Vallum.Cluster.Objects;
using Vallum.Silo.Security.Access;
using Code = Google.Rpc.Code;
using Status = Google.Rpc.Status;

namespace Vallum.Silo.Api;

/// <summary>The API's errors: google.rpc.Status with one ErrorInfo each, and every violation at once (AIP-193).</summary>
internal static class ApiError
{
    public const string Domain = "vallum";

    public static RpcException NotFound(string name) => Of(
        Code.NotFound,
        "NOT_FOUND",
        $"there is no {name}",
        new ResourceInfo { ResourceName = name, Description = "not found" });

    /// <summary>One field of the request itself is wrong.</summary>
    public static RpcException Invalid(string field, string reason, string description) =>
        Invalid([new BadRequest.Types.FieldViolation { Field = field, Reason = reason, Description = description }]);

    /// <summary>Everything that is wrong, in one answer. The ErrorInfo's reason is the violations' own where they agree.</summary>
    public static RpcException Invalid(IReadOnlyCollection<BadRequest.Types.FieldViolation> violations)
    {
        var reasons = violations.Select(v => v.Reason).Distinct().ToList();
        var first = violations.First();
        var message = violations.Count == 1
            ? $"{first.Field}: {first.Description}"
            : $"{violations.Count} fields are wrong; the first: {first.Field}: {first.Description}";
        return Of(Code.InvalidArgument, reasons.Count == 1 ? reasons[0] : "INVALID_FIELDS", message, new BadRequest { FieldViolations = { violations } });
    }

    /// <summary>It is not known who calls.</summary>
    public static RpcException Unauthenticated(string reason, string message) => Of(Code.Unauthenticated, reason, message);

    /// <summary>What it is, no role would help.</summary>
    public static RpcException Forbidden(string reason, string caller, string message) =>
        Of(Code.PermissionDenied, reason, message, metadata: new() { ["caller"] = caller });

    /// <summary>Everything that the caller may not do, each with the role that would allow it.</summary>
    public static RpcException Forbidden(string caller, IReadOnlyList<Demand> unmet)
    {
        var first = unmet[0];
        var message = unmet.Count == 1
            ? $"{caller} may not {first.Deed}: it takes {first.Role}"
            : $"{caller} may not do {unmet.Count} things of this; the first: {first.Deed}, which takes {first.Role}";
        var details = new BadRequest();
        details.FieldViolations.Add(unmet.Select(demand => new BadRequest.Types.FieldViolation
        {
            Field = demand.Field,
            Reason = "ROLE_MISSING",
            Description = $"to {demand.Deed} takes {demand.Role}",
        }));
        return Of(Code.PermissionDenied, "ROLE_MISSING", message, details, new() { ["caller"] = caller, ["role"] = first.Role });
    }

    public static RpcException Unavailable(string reason, string message) => Of(
        Code.Unavailable,
        reason,
        message,
        new RetryInfo { RetryDelay = Duration.FromTimeSpan(TimeSpan.FromSeconds(1)) });

    /// <summary>While the cluster is upgraded: what was asked for is served by a silo that is not yet.</summary>
    public static RpcException OlderSilo(string method) =>
        Of(Code.Unimplemented, "OLDER_SILO", $"{method} asks what a silo of an older version cannot answer: upgrade all silos first");

    /// <summary>There is too much at once; nothing was changed.</summary>
    public static RpcException Exhausted(string reason, string message, TimeSpan retryAfter) =>
        Of(Code.ResourceExhausted, reason, message, new RetryInfo { RetryDelay = Duration.FromTimeSpan(retryAfter) });

    /// <summary>No trying again helps.</summary>
    public static RpcException TooLarge(string message) => Of(Code.ResourceExhausted, "MESSAGE_TOO_LARGE", message);

    public static RpcException Malformed(string message) => Of(Code.InvalidArgument, "MALFORMED_MESSAGE", message);

    public static RpcException Unimplemented(string message) => Of(Code.Unimplemented, "UNIMPLEMENTED", message);

    public static RpcException DeadlineExceeded(string reason, string message) => Of(Code.DeadlineExceeded, reason, message);

    public static RpcException Internal(string message) => Of(Code.Internal, "INTERNAL", message);

    public static RpcException OutOfRange(string reason, string message) => Of(Code.OutOfRange, reason, message);

    public static RpcException Precondition(string reason, string subject, string message) => Of(
        Code.FailedPrecondition,
        reason,
        message,
        new PreconditionFailure
        {
            Violations = { new PreconditionFailure.Types.Violation { Type = reason, Subject = subject, Description = message } },
        });

    /// <summary>What a grain found. <paramref name="field"/> turns a violation's change index and path into the request's field path.</summary>
    public static RpcException Of(Fault fault, string subject, Func<int, string, string> field) => fault.Kind switch
    {
        // Wrong as a whole, such as a request id that was used for something else.
        FaultKind.Invalid when fault.Violations.IsEmpty => Of(Code.InvalidArgument, fault.Reason, fault.Message),
        FaultKind.Invalid => Invalid([.. fault.Violations.Select(v => new BadRequest.Types.FieldViolation
        {
            Field = field(v.Change, v.Field),
            Reason = v.Reason,
            Description = v.Description,
        })]),
        FaultKind.NotFound => Of(Code.NotFound, fault.Reason, fault.Message, new ResourceInfo { ResourceName = subject, Description = fault.Message }),
        FaultKind.AlreadyExists => Of(Code.AlreadyExists, fault.Reason, fault.Message, new ResourceInfo { ResourceName = subject, Description = fault.Message }),
        FaultKind.Conflict => Of(Code.Aborted, fault.Reason, fault.Message, new ResourceInfo { ResourceName = subject, Description = fault.Message }),
        FaultKind.Precondition => Precondition(fault.Reason, subject, fault.Message),
        FaultKind.TooLarge => Of(Code.InvalidArgument, fault.Reason, fault.Message),
        FaultKind.Exhausted => Exhausted(fault.Reason, fault.Message, TimeSpan.FromMilliseconds(500)),
        _ => Internal($"unknown fault {fault.Kind}: {fault.Message}"),
    };

    private static RpcException Of(Code code, string reason, string message, Google.Protobuf.IMessage? detail = null, Dictionary<string, string>? metadata = null)
    {
        var status = new Status { Code = (int)code, Message = message };
        status.Details.Add(Any.Pack(new ErrorInfo { Reason = reason, Domain = Domain, Metadata = { metadata ?? [] } }));
        if (detail is not null)
        {
            status.Details.Add(Any.Pack(detail));
        }

        return status.ToRpcException();
    }
}
