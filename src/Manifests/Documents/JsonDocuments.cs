using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Vallum.Manifests.Parsing;

namespace Vallum.Manifests.Documents;

/// <summary>JSON (RFC 8259), one value or several behind each other. A key that occurs twice is a fault: which of the two was meant cannot be known.</summary>
internal static class JsonDocuments
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = DocumentLimits.Depth, AllowMultipleValues = true };

    public static List<DocumentNode> Parse(ReadOnlySpan<byte> content)
    {
        var reader = new Utf8JsonReader(content, Options);
        var lines = new LineCount(content);
        var documents = new List<DocumentNode>();
        try
        {
            while (reader.Read())
            {
                documents.Add(Value(ref reader, ref lines));
            }
        }
        catch (JsonException fault)
        {
            var line = (int)(fault.LineNumber ?? 0) + 1;
            throw reader.CurrentDepth >= DocumentLimits.Depth
                ? new DocumentSyntaxException(line, DocumentSyntaxException.TooDeep, $"more than {DocumentLimits.Depth} lists and objects inside each other")
                : new DocumentSyntaxException(line, DocumentSyntaxException.InvalidSyntax, $"not JSON: {Reason(fault)}");
        }

        return documents;
    }

    private static DocumentNode Value(ref Utf8JsonReader reader, ref LineCount lines)
    {
        var line = lines.At(reader.TokenStartIndex);
        return reader.TokenType switch
        {
            JsonTokenType.StartObject => Mapping(ref reader, ref lines, line),
            JsonTokenType.StartArray => List(ref reader, ref lines, line),
            JsonTokenType.String => new DocumentNode.Scalar(line, Text(ref reader, line), DocumentNode.ScalarKind.Text),
            JsonTokenType.Number => new DocumentNode.Scalar(line, Encoding.UTF8.GetString(reader.ValueSpan), DocumentNode.ScalarKind.Number),
            JsonTokenType.True => new DocumentNode.Scalar(line, "true", DocumentNode.ScalarKind.Boolean),
            JsonTokenType.False => new DocumentNode.Scalar(line, "false", DocumentNode.ScalarKind.Boolean),
            _ => new DocumentNode.Scalar(line, "", DocumentNode.ScalarKind.Null),
        };
    }

    private static DocumentNode.List List(ref Utf8JsonReader reader, ref LineCount lines, int line)
    {
        var items = ImmutableArray.CreateBuilder<DocumentNode>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            items.Add(Value(ref reader, ref lines));
        }

        return new DocumentNode.List(line, items.ToImmutable());
    }

    private static DocumentNode.Mapping Mapping(ref Utf8JsonReader reader, ref LineCount lines, int line)
    {
        var entries = ImmutableArray.CreateBuilder<DocumentNode.Entry>();
        var keys = new HashSet<string>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var keyLine = lines.At(reader.TokenStartIndex);
            var key = Text(ref reader, keyLine);
            if (!keys.Add(key))
            {
                throw new DocumentSyntaxException(keyLine, DocumentSyntaxException.DuplicateKey, $"the key {Quoted.Of(key)} is given twice in one object");
            }

            reader.Read();
            entries.Add(new DocumentNode.Entry(key, keyLine, Value(ref reader, ref lines)));
        }

        return new DocumentNode.Mapping(line, entries.ToImmutable());
    }

    private static string Text(ref Utf8JsonReader reader, int line)
    {
        try
        {
            return reader.GetString() ?? "";
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair, escaped: the bytes are right, and the text is none.
            throw new DocumentSyntaxException(line, DocumentSyntaxException.InvalidSyntax, "not JSON: a text has half of a character");
        }
    }

    /// <summary>The reader ends its messages with its own idea of where.</summary>
    private static string Reason(JsonException fault)
    {
        var end = fault.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return Quoted.Shorten(end < 0 ? fault.Message : fault.Message[..end]);
    }

    /// <summary>Lines of positions that only grow.</summary>
    private ref struct LineCount(ReadOnlySpan<byte> content)
    {
        private readonly ReadOnlySpan<byte> _content = content;
        private int _position;
        private int _line = 1;

        public int At(long position)
        {
            var next = checked((int)position);
            _line += _content[_position..next].Count((byte)'\n');
            _position = next;
            return _line;
        }

        public override readonly string ToString() => _line.ToString(CultureInfo.InvariantCulture);
    }
}
