using System.Collections.Immutable;
using Vallum.Manifests.Parsing;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Vallum.Manifests.Documents;

/// <summary>
/// YAML 1.2 with the core schema's scalars, anchors, and "&lt;&lt;" as go-yaml merges it. A key that occurs twice is a fault. Aliases share their node,
/// and what they stand for is counted, so that a small file never means a large tree.
/// </summary>
internal sealed class YamlDocuments
{
    private const string MergeKey = "<<";

    private readonly Parser _parser;
    private readonly Dictionary<AnchorName, (DocumentNode Node, int Weight)> _anchors = [];
    private int _aliased;

    private YamlDocuments(string text) => _parser = new Parser(new StringReader(text));

    public static List<DocumentNode> Parse(string text)
    {
        var reading = new YamlDocuments(text);
        try
        {
            return reading.Documents();
        }
        catch (YamlException fault)
        {
            throw NotYaml((int)fault.Start.Line, fault);
        }
        catch (Exception fault) when (fault is not (DocumentSyntaxException or OutOfMemoryException))
        {
            // The library lets others out for odd texts: "&a-" is an InvalidOperationException, "!!]" an ArgumentException.
            throw NotYaml((int)(reading._parser.Current?.End.Line ?? 0), fault);
        }
    }

    private static DocumentSyntaxException NotYaml(int line, Exception fault) =>
        new(line, DocumentSyntaxException.InvalidSyntax, $"not YAML: {Quoted.Shorten(fault.Message)}");

    private List<DocumentNode> Documents()
    {
        var documents = new List<DocumentNode>();
        while (_parser.MoveNext())
        {
            if (_parser.Current is not DocumentStart)
            {
                continue;
            }

            // Anchors live in their document only.
            _anchors.Clear();
            _aliased = 0;
            _parser.MoveNext();
            documents.Add(Node(0).Node);
        }

        return documents;
    }

    /// <summary>The node that begins at the current event; afterwards the current event is its last. The weight is the nodes in it, itself included.</summary>
    private (DocumentNode Node, int Weight) Node(int depth)
    {
        if (_parser.Current is AnchorAlias alias)
        {
            return Aliased(alias);
        }

        var line = (int)_parser.Current!.Start.Line;
        if (depth >= DocumentLimits.Depth)
        {
            throw new DocumentSyntaxException(line, DocumentSyntaxException.TooDeep, $"more than {DocumentLimits.Depth} lists and mappings inside each other");
        }

        var anchor = (_parser.Current as NodeEvent)?.Anchor ?? AnchorName.Empty;
        var node = _parser.Current switch
        {
            YamlDotNet.Core.Events.Scalar scalar => (Scalar(scalar, line), 1),
            SequenceStart => List(line, depth),
            MappingStart => Mapping(line, depth),
            var other => throw new DocumentSyntaxException(line, DocumentSyntaxException.InvalidSyntax, $"not YAML: unexpected {other.GetType().Name}"),
        };
        if (!anchor.IsEmpty)
        {
            _anchors[anchor] = node;
        }

        return node;
    }

    private (DocumentNode Node, int Weight) Aliased(AnchorAlias alias)
    {
        var line = (int)alias.Start.Line;
        if (!_anchors.TryGetValue(alias.Value, out var node))
        {
            throw new DocumentSyntaxException(line, DocumentSyntaxException.InvalidSyntax, $"the alias {Quoted.Of($"*{alias.Value}")} has no anchor before it");
        }

        _aliased += node.Weight;
        return _aliased <= DocumentLimits.AliasedNodes
            ? node
            : throw new DocumentSyntaxException(line, DocumentSyntaxException.TooLarge, $"aliases stand for more than {DocumentLimits.AliasedNodes} nodes");
    }

    private (DocumentNode Node, int Weight) List(int line, int depth)
    {
        var items = ImmutableArray.CreateBuilder<DocumentNode>();
        var weight = 1;
        while (_parser.MoveNext() && _parser.Current is not SequenceEnd)
        {
            var (item, itemWeight) = Node(depth + 1);
            items.Add(item);
            weight += itemWeight;
        }

        return (new DocumentNode.List(line, items.ToImmutable()), weight);
    }

    private (DocumentNode Node, int Weight) Mapping(int line, int depth)
    {
        var entries = ImmutableArray.CreateBuilder<DocumentNode.Entry>();
        var merged = new List<DocumentNode>();
        var keys = new HashSet<string>(StringComparer.Ordinal);
        var weight = 1;
        while (_parser.MoveNext() && _parser.Current is not MappingEnd)
        {
            var keyLine = (int)_parser.Current!.Start.Line;
            if (Node(depth + 1).Node is not DocumentNode.Scalar key)
            {
                throw new DocumentSyntaxException(keyLine, DocumentSyntaxException.InvalidSyntax, "a key that is a list or a mapping: keys are texts");
            }

            _parser.MoveNext();
            var (value, valueWeight) = Node(depth + 1);
            weight += valueWeight + 1;
            if (key.Text == MergeKey)
            {
                merged.Add(value);
            }
            else if (!keys.Add(key.Text))
            {
                throw new DocumentSyntaxException(keyLine, DocumentSyntaxException.DuplicateKey, $"the key {Quoted.Of(key.Text)} is given twice in one mapping");
            }
            else
            {
                entries.Add(new DocumentNode.Entry(key.Text, keyLine, value));
            }
        }

        foreach (var source in merged)
        {
            Merge(source, entries, keys);
        }

        return (new DocumentNode.Mapping(line, entries.ToImmutable()), weight);
    }

    /// <summary>Keys of the mapping itself win over merged ones, earlier merged ones over later ones.</summary>
    private static void Merge(DocumentNode source, ImmutableArray<DocumentNode.Entry>.Builder entries, HashSet<string> keys)
    {
        switch (source)
        {
            case DocumentNode.Mapping mapping:
                entries.AddRange(mapping.Entries.Where(entry => keys.Add(entry.Key)));
                break;
            case DocumentNode.List list when list.Items.All(item => item is DocumentNode.Mapping):
                foreach (var item in list.Items)
                {
                    Merge(item, entries, keys);
                }

                break;
            default:
                throw new DocumentSyntaxException(source.Line, DocumentSyntaxException.InvalidSyntax, "'<<' merges a mapping, or a list of mappings");
        }
    }

    private static DocumentNode.Scalar Scalar(YamlDotNet.Core.Events.Scalar scalar, int line) =>
        new(line, scalar.Value, YamlScalars.KindOf(scalar, line));
}
