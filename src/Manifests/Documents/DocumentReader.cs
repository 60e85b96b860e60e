using System.Text;

namespace Vallum.Manifests.Documents;

/// <summary>The bytes of a file become documents: YAML (many in one file, anchors) or JSON (one or many), told apart by how the text begins.</summary>
public static class DocumentReader
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <param name="source">Name of the file, for messages.</param>
    public static DocumentSet Read(string source, ReadOnlyMemory<byte> content)
    {
        try
        {
            return new DocumentSet([.. Parse(content).Select(root => new Document(source, root))], []);
        }
        catch (DocumentSyntaxException fault)
        {
            return new DocumentSet([], [new DocumentFault(source, fault.Line, "", fault.Reason, fault.Message)]);
        }
    }

    private static List<DocumentNode> Parse(ReadOnlyMemory<byte> content)
    {
        if (content.Length > DocumentLimits.FileBytes)
        {
            throw new DocumentSyntaxException(0, DocumentSyntaxException.TooLarge,
                $"{content.Length} bytes; at most {DocumentLimits.FileBytes} ({DocumentLimits.FileBytes / 1024 / 1024} MB) are read: split the file");
        }

        if (content.Span.StartsWith(Encoding.UTF8.Preamble))
        {
            content = content[Encoding.UTF8.Preamble.Length..];
        }

        var text = Text(content.Span);
        var start = text.AsSpan().TrimStart();
        if (start.IsEmpty || start[0] is not ('{' or '['))
        {
            return YamlDocuments.Parse(text);
        }

        try
        {
            return JsonDocuments.Parse(content.Span);
        }
        catch (DocumentSyntaxException json) when (json.Reason == DocumentSyntaxException.InvalidSyntax)
        {
            // YAML in flow style begins as JSON does. If it is neither, JSON was meant.
            try
            {
                return YamlDocuments.Parse(text);
            }
            catch (DocumentSyntaxException yaml) when (yaml.Reason == DocumentSyntaxException.InvalidSyntax)
            {
                throw json;
            }
        }
    }

    private static string Text(ReadOnlySpan<byte> content)
    {
        var zero = content.IndexOf((byte)0);
        if (zero >= 0)
        {
            throw new DocumentSyntaxException(0, DocumentSyntaxException.NotText, $"neither YAML nor JSON in UTF-8: there is a zero byte at {zero}");
        }

        try
        {
            return Strict.GetString(content);
        }
        catch (DecoderFallbackException fault)
        {
            throw new DocumentSyntaxException(0, DocumentSyntaxException.NotText, $"neither YAML nor JSON in UTF-8: {fault.Message}");
        }
    }
}
