namespace Vallum.Load.Worlds;

/// <summary>Where the policies are that are only there, while one other object changes.</summary>
internal enum Shape
{
    /// <summary>They select endpoints of the same tenant that are on no node of the lab.</summary>
    Elsewhere,

    /// <summary>They select other endpoints of the same tenant on the same nodes.</summary>
    Beside,

    /// <summary>They all select the very endpoints that the changes are about.</summary>
    Overlapping,
}

internal static class ShapeWords
{
    public static string Sentence(this Shape shape) => shape switch
    {
        Shape.Elsewhere => "the other policies select other endpoints of the tenant, on other nodes",
        Shape.Beside => "the other policies select other endpoints of the tenant, on the same nodes",
        _ => "the other policies all select the same endpoints as the one that changes",
    };
}
