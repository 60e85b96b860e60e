using System.Collections.Immutable;

namespace Vallum.Manifests.Documents;

/// <summary>What YAML and JSON have in common, with the line (from 1) on which it begins.</summary>
public abstract class DocumentNode
{
    private DocumentNode(int line) => Line = line;

    public int Line { get; }

    /// <summary>"a list", "a mapping", "a number": for messages.</summary>
    public abstract string Article { get; }

    public bool IsNull => this is Scalar { Kind: ScalarKind.Null };

    public enum ScalarKind
    {
        Text,
        Number,
        Boolean,
        Null,
    }

    /// <param name="text">As written: "1.10" stays "1.10", whatever its kind.</param>
    public sealed class Scalar(int line, string text, ScalarKind kind) : DocumentNode(line)
    {
        public string Text { get; } = text;

        public ScalarKind Kind { get; } = kind;

        public override string Article => Kind switch
        {
            ScalarKind.Number => "a number",
            ScalarKind.Boolean => "a truth value",
            ScalarKind.Null => "nothing",
            _ => "a text",
        };
    }

    public sealed class List(int line, ImmutableArray<DocumentNode> items) : DocumentNode(line)
    {
        public ImmutableArray<DocumentNode> Items { get; } = items;

        public override string Article => "a list";
    }

    /// <summary>Keys are unique, in the order written.</summary>
    public sealed class Mapping(int line, ImmutableArray<Entry> entries) : DocumentNode(line)
    {
        public ImmutableArray<Entry> Entries { get; } = entries;

        public override string Article => "a mapping";

        /// <summary>The value, or null where the key is absent or its value is null: the two mean the same.</summary>
        public DocumentNode? this[string key]
        {
            get
            {
                foreach (var entry in Entries)
                {
                    if (entry.Key == key)
                    {
                        return entry.Value.IsNull ? null : entry.Value;
                    }
                }

                return null;
            }
        }

        /// <summary>The text of a scalar; null where there is none.</summary>
        public string? Text(string key) => (this[key] as Scalar)?.Text;
    }

    public readonly record struct Entry(string Key, int Line, DocumentNode Value);
}
