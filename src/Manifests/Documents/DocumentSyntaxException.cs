namespace Vallum.Manifests.Documents;

/// <summary>The text is no YAML, or no JSON, from here on. Caught by <see cref="DocumentReader"/>, never seen outside.</summary>
internal sealed class DocumentSyntaxException(int line, string reason, string message) : Exception(message)
{
    public const string InvalidSyntax = "INVALID_SYNTAX";
    public const string DuplicateKey = "DUPLICATE_KEY";
    public const string TooDeep = "TOO_DEEP";
    public const string TooLarge = "TOO_LARGE";
    public const string NotText = "NOT_TEXT";

    public int Line { get; } = line;

    public string Reason { get; } = reason;
}
