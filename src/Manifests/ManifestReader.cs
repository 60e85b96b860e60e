using System.Collections.Immutable;
using Vallum.Manifests.Documents;
using Vallum.Manifests.Kubernetes;
using Vallum.Manifests.Own;
using Vallum.Manifests.Parsing;

namespace Vallum.Manifests;

/// <summary>
/// Files become objects of the API: our own kinds and those of Kubernetes, in YAML or JSON, many in one file, in lists or not. Everything that is wrong
/// in any of them is found at once; what refers to other objects is judged later (<see cref="Assembly.ClusterStateBuilder"/>, or the control plane).
/// </summary>
public static class ManifestReader
{
    /// <summary>Reads files in their order.</summary>
    /// <param name="files">Name, for messages, and content.</param>
    public static ManifestSet Read(IEnumerable<(string Source, ReadOnlyMemory<byte> Content)> files, KubernetesOptions? options = null)
    {
        var manifests = ImmutableArray.CreateBuilder<Manifest>();
        var skipped = ImmutableArray.CreateBuilder<Skipped>();
        var faults = ImmutableArray.CreateBuilder<DocumentFault>();
        foreach (var (source, content) in files)
        {
            var documents = DocumentReader.Read(source, content);
            faults.AddRange(documents.Faults);
            var reading = new FileReading(source, options ?? KubernetesOptions.Default);
            foreach (var document in documents.Documents)
            {
                reading.Read(document.Root);
            }

            manifests.AddRange(reading.Manifests);
            skipped.AddRange(reading.Skipped);
            faults.AddRange(reading.Faults);
        }

        manifests.AddRange(ImpliedSegments.Of(manifests));
        return new ManifestSet(manifests.ToImmutable(), skipped.ToImmutable(), faults.ToImmutable());
    }

    /// <inheritdoc cref="Read(IEnumerable{ValueTuple{string, ReadOnlyMemory{byte}}}, KubernetesOptions?)"/>
    public static ManifestSet Read(string source, ReadOnlyMemory<byte> content, KubernetesOptions? options = null) => Read([(source, content)], options);

    private sealed class FileReading(string source, KubernetesOptions options)
    {
        private readonly FaultList _faults = new(source);

        public List<Manifest> Manifests { get; } = [];

        public List<Skipped> Skipped { get; } = [];

        public ImmutableArray<DocumentFault> Faults => _faults.ToImmutable();

        public void Read(DocumentNode node, string? apiVersionOfList = null, string? kindOfList = null)
        {
            switch (node)
            {
                case { IsNull: true }:
                    break;
                case DocumentNode.List list:
                    ReadAll(list, null, null);
                    break;
                case DocumentNode.Mapping root:
                    Read(root, root.Text("apiVersion") ?? apiVersionOfList, root.Text("kind") ?? kindOfList);
                    break;
                default:
                    _faults.Add(node.Line, "", Reasons.WrongType, $"an object with apiVersion and kind is wanted, and there is {node.Article}");
                    break;
            }
        }

        private void ReadAll(DocumentNode.List list, string? apiVersion, string? kind)
        {
            foreach (var item in list.Items)
            {
                Read(item, apiVersion, kind);
            }
        }

        private void Read(DocumentNode.Mapping root, string? apiVersion, string? kind)
        {
            if (apiVersion is null || kind is null)
            {
                _faults.Add(root.Line, apiVersion is null ? "apiVersion" : "kind", Reasons.Required,
                    $"is missing: every object says what it is, such as 'apiVersion: {OwnKinds.ApiVersion}' and 'kind: Policy'");
            }
            else if (kind == "List" || (kind.EndsWith("List", StringComparison.Ordinal) && root.Entries.Any(e => e.Key == "items")))
            {
                ReadList(root, apiVersion, kind);
            }
            else if (apiVersion.StartsWith(OwnKinds.ApiGroup, StringComparison.Ordinal))
            {
                ReadOwn(root, apiVersion, kind);
            }
            else
            {
                ReadKubernetes(root, apiVersion, kind);
            }
        }

        /// <summary>"List", or a list of one kind, whose items may leave out what they are.</summary>
        private void ReadList(DocumentNode.Mapping root, string apiVersion, string kind)
        {
            switch (root["items"])
            {
                case null:
                    break;
                case DocumentNode.List list when kind == "List":
                    ReadAll(list, null, null);
                    break;
                case DocumentNode.List list:
                    ReadAll(list, apiVersion, kind[..^"List".Length]);
                    break;
                case var other:
                    _faults.AddWrongType(other, FieldPath.Root.Field("items"), "a list");
                    break;
            }
        }

        private void ReadOwn(DocumentNode.Mapping root, string apiVersion, string kind)
        {
            if (apiVersion != OwnKinds.ApiVersion)
            {
                _faults.Add(root.Line, "apiVersion", Reasons.UnknownKind, $"{Quoted.Of(apiVersion)} is not known here: {OwnKinds.ApiVersion}");
            }
            else if (OwnKinds.Find(kind) is not { } type)
            {
                _faults.Add(root.Line, "kind", Reasons.UnknownKind, $"{Quoted.Of(kind)} is no kind of {OwnKinds.ApiVersion}{Guess.Of(kind, OwnKinds.Known)}");
            }
            else if (new OwnKindReader(_faults).Read(root, type) is { } read)
            {
                Manifests.Add(new Manifest(read, source, root.Line, kind));
            }
        }

        private void ReadKubernetes(DocumentNode.Mapping root, string apiVersion, string kind)
        {
            switch (KubernetesKinds.Of(apiVersion, kind))
            {
                case KubernetesKinds.Meaning.Unknown:
                    _faults.Add(root.Line, "kind", Reasons.UnknownKind, $"{Quoted.Of(kind)} of {Quoted.Of(apiVersion)} is not known here");
                    break;
                case KubernetesKinds.Meaning.NothingHere:
                    Skip(root, kind, "says nothing about who may talk to whom");
                    break;
                case KubernetesKinds.Meaning.Read when kind == "Pod" && PodReader.IsFinished(root):
                    Skip(root, kind, "the pod is finished");
                    break;
                default:
                    if (new KubernetesReader(_faults, options).Read(root, kind) is { } read)
                    {
                        Manifests.Add(new Manifest(read, source, root.Line, kind));
                    }

                    break;
            }
        }

        private void Skip(DocumentNode.Mapping root, string kind, string why)
        {
            var metadata = root["metadata"] as DocumentNode.Mapping;
            var name = metadata?.Text("name") ?? "";
            var qualified = metadata?.Text("namespace") is { } @namespace ? $"{@namespace}/{name}" : name;
            Skipped.Add(new Skipped(source, root.Line, $"{Quoted.Shorten(kind)} {Quoted.Shorten(qualified)}", why));
        }
    }
}
