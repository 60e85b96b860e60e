using Grpc.Core;

namespace Vallum.Cli;

/// <summary>What the command's exit code says. Stable: scripts stand on it.</summary>
internal static class ExitCode
{
    public const int Ok = 0;

    /// <summary>A negative answer: diff found differences, explain says denied, validate found faults.</summary>
    public const int Negative = 1;
    public const int Usage = 2;
    public const int NotFound = 3;
    public const int Conflict = 4;
    public const int Forbidden = 5;

    /// <summary>Nobody answers, or not in time.</summary>
    public const int Unreachable = 6;

    /// <summary>Accepted, but not realized in time.</summary>
    public const int TimedOut = 7;
    public const int ServerError = 8;
    public const int Interrupted = 130;

    /// <summary>Of a call that failed. What the server found wrong with the input is a negative answer, as offline validation's is.</summary>
    public static int Of(StatusCode status) => status switch
    {
        StatusCode.InvalidArgument or StatusCode.FailedPrecondition or StatusCode.OutOfRange => Negative,
        StatusCode.NotFound => NotFound,
        StatusCode.Aborted or StatusCode.AlreadyExists => Conflict,
        StatusCode.Unauthenticated or StatusCode.PermissionDenied => Forbidden,
        StatusCode.Unavailable or StatusCode.DeadlineExceeded => Unreachable,
        StatusCode.Cancelled => Interrupted,
        _ => ServerError,
    };
}
