using Vallum.Contracts.Api.V1;

namespace Vallum.Silo.Admission;

/// <summary>Bytes of the largest message of a request.</summary>
internal static class RequestSizes
{
    /// <summary>A whole tenant comes in one message, since it is committed as one.</summary>
    public const int Apply = 64 * 1024 * 1024;

    /// <summary>Every other request is small.</summary>
    public const int Other = 4 * 1024 * 1024;

    private static readonly PathString ResourceMethods = $"/{ResourceService.Descriptor.FullName}";

    public static int LargestOf(PathString method) => method.StartsWithSegments(ResourceMethods) ? Apply : Other;
}
