using System.Collections.Immutable;
using Vallum.Manifests.Parsing;
using ApiObject = Vallum.Contracts.Api.V1.Object;

namespace Vallum.Silo.Api;

/// <summary>What is wrong with an object of a request, and the bytes that are stored when nothing is.</summary>
internal static class ApiObjects
{
    private const int MaxRequestIdLength = 64;

    public static ImmutableArray<FieldViolation> Violations(ApiObject value) => ObjectParser.Violations(value);

    public static ImmutableArray<byte> Content(ApiObject value) => ObjectContent.Normalize(value);

    public static void CheckRequestId(string requestId)
    {
        if (requestId.Length > MaxRequestIdLength)
        {
            throw ApiError.Invalid("request_id", "TOO_LONG", $"{requestId.Length} characters; at most {MaxRequestIdLength}, best a UUID");
        }
    }
}
