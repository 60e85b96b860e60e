using System.Collections.Immutable;
using System.Globalization;
using Vallum.Manifests.Documents;
using Vallum.Manifests.Own;
using Vallum.Manifests.Parsing;
using Vallum.Primitives;
using Api = Vallum.Contracts.Api.V1;

namespace Vallum.Manifests.Kubernetes;

/// <summary>Reads parts of one Kubernetes object strictly, with the object's own field paths.</summary>
internal sealed class KubernetesFields(DocumentNode.Mapping root, FaultList faults)
{
    private readonly MessageBinder _binder = new(faults);

    public DocumentNode.Mapping Root => root;

    public FaultList Faults => faults;

    /// <summary>Each element's mapping, with its path; what is no mapping is a fault.</summary>
    public IEnumerable<(DocumentNode.Mapping Node, FieldPath Path)> Mappings(DocumentNode.Mapping parent, string key, FieldPath path)
    {
        var items = List(parent, key, path);
        for (var i = 0; i < items.Length; i++)
        {
            var at = path.Field(key)[i];
            if (items[i] is DocumentNode.Mapping mapping)
            {
                yield return (mapping, at);
            }
            else
            {
                faults.AddWrongType(items[i], at, "a mapping");
            }
        }
    }

    public ImmutableArray<DocumentNode> List(DocumentNode.Mapping parent, string key, FieldPath path)
    {
        switch (parent[key])
        {
            case null:
                return [];
            case DocumentNode.List list:
                return list.Items;
            case var other:
                faults.AddWrongType(other, path.Field(key), "a list");
                return [];
        }
    }

    public DocumentNode.Mapping? Mapping(DocumentNode.Mapping parent, string key, FieldPath path)
    {
        var node = parent[key];
        if (node is not (null or DocumentNode.Mapping))
        {
            faults.AddWrongType(node, path.Field(key), "a mapping");
        }

        return node as DocumentNode.Mapping;
    }

    public string? Text(DocumentNode.Mapping parent, string key, FieldPath path)
    {
        var node = parent[key];
        if (node is not (null or DocumentNode.Scalar))
        {
            faults.AddWrongType(node, path.Field(key), "a text");
        }

        return (node as DocumentNode.Scalar)?.Text;
    }

    public int? Number(DocumentNode.Mapping parent, string key, FieldPath path)
    {
        switch (parent[key])
        {
            case null:
                return null;
            case DocumentNode.Scalar { Kind: DocumentNode.ScalarKind.Number } scalar
                when int.TryParse(scalar.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number):
                return number;
            case var other:
                faults.AddWrongType(other, path.Field(key), "a whole number");
                return null;
        }
    }

    /// <summary>A port number; null when absent, or with a fault.</summary>
    public int? Port(DocumentNode.Mapping parent, string key, FieldPath path)
    {
        var number = Number(parent, key, path);
        if (number is not null and not (> 0 and <= ushort.MaxValue))
        {
            Fault(parent, path.Field(key), Reasons.InvalidPort, $"{number} is not within 1 to 65535");
            return null;
        }

        return number;
    }

    public void Known(DocumentNode.Mapping node, FieldPath path, params string[] known)
    {
        foreach (var entry in node.Entries.Where(e => !known.Contains(e.Key)))
        {
            faults.AddUnknownField(entry.Line, path.Field(Quoted.Shorten(entry.Key)), entry.Key, known);
        }
    }

    /// <summary>Null when absent: that is not the same as empty, which picks everything.</summary>
    public Api.LabelSelector? Selector(DocumentNode.Mapping parent, string key, FieldPath path)
    {
        if (Mapping(parent, key, path) is not { } node)
        {
            return null;
        }

        var before = faults.Count;
        var selector = new Api.LabelSelector();
        _binder.Bind(node, selector, path.Field(key));
        if (faults.Count == before)
        {
            Judge(violations => SelectorParser.Labels(selector, path.Field(key), violations));
        }

        return selector;
    }

    /// <summary>"cidr" and "except".</summary>
    public Api.IpBlock? Block(DocumentNode.Mapping parent, string key, FieldPath path)
    {
        if (Mapping(parent, key, path) is not { } node)
        {
            return null;
        }

        var before = faults.Count;
        var block = new Api.IpBlock();
        _binder.Bind(node, block, path.Field(key));
        if (faults.Count == before)
        {
            Judge(violations =>
            {
                var known = AddressParser.TryBlock(block.Cidr, path.Field(key).Field("cidr"), violations, out var cidr);
                AddressParser.Excepts(known ? cidr : null, block.Except, path.Field(key).Field("except"), violations);
            });
        }

        return block;
    }

    public Cidr? Cidr(string text, FieldPath path)
    {
        Cidr? block = null;
        Judge(violations => block = AddressParser.TryBlock(text, path, violations, out var cidr) ? cidr : null);
        return block;
    }

    public void PortName(string name, FieldPath path) => Judge(violations =>
    {
        if (!PortParser.IsName(name))
        {
            violations.Add(path, Reasons.InvalidPortName, $"{Quoted.Of(name)} is not the name of a port: {PortParser.NameForm}");
        }
    });

    public void Fault(DocumentNode node, FieldPath path, string reason, string description)
    {
        var line = DocumentPath.LineOf(root, path.ToString());
        faults.Add(line > root.Line ? line : node.Line, path, reason, description);
    }

    /// <summary>Metadata with the labels; null when there are none. Labels of Kubernetes itself are judged with the whole object.</summary>
    public static Api.Metadata? Labels(IEnumerable<KeyValuePair<string, string>> labels)
    {
        var metadata = new Api.Metadata();
        foreach (var (key, value) in labels)
        {
            metadata.Labels[key] = value;
        }

        return metadata.Labels.Count == 0 ? null : metadata;
    }

    private void Judge(Action<ViolationList> judge)
    {
        var violations = new ViolationList();
        judge(violations);
        foreach (var violation in violations.ToImmutable())
        {
            faults.Add(DocumentPath.LineOf(root, violation.Field), violation.Field, violation.Reason, violation.Description);
        }
    }
}
