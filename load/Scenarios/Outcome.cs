using Grpc.Core;

namespace Vallum.Scenarios;

/// <summary>How an operation went.</summary>
/// <param name="Kind">Of a scenario that does several things, which one: they get percentiles of their own. Empty: it does one thing.</param>
/// <param name="Error">Empty: it went well. Else a short code, such as gRPC's "Unavailable": errors are counted by it.</param>
public readonly record struct Outcome(string Kind, string Error)
{
    public static readonly Outcome Done = new("", "");

    public bool IsDone => Error.Length == 0;

    public static Outcome Of(string kind) => new(kind, "");

    public static Outcome Failed(RpcException exception, string kind = "") => new(kind, exception.StatusCode.ToString());
}
