namespace Vallum.Load.Compiling;

internal static class CompileTables
{
    public static string Of(IReadOnlyList<CompileFigures> shapes, IReadOnlyList<CompileFigures> loaded) => "";
}
