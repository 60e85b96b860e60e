using System.Globalization;
using Vallum.Contracts.Api.V1;
using Vallum.Manifests.Parsing;
using Vallum.Manifests.Writing;
using ApiObject = Vallum.Contracts.Api.V1.Object;

namespace Vallum.Scenarios.Judging;

/// <summary>
/// The last word on each object, told by the revisions of the answers: writes to an object may be under way at once, and what was answered last is not
/// always what was committed last.
/// </summary>
internal sealed class Acknowledged
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Word> _last = [];
    private readonly Dictionary<string, List<ApiObject?>> _open = [];

    /// <summary>Objects that there are by the last word, what is named before what names it.</summary>
    public IReadOnlyList<ApiObject> Objects
    {
        get
        {
            lock (_gate)
            {
                return [.. _last.Values.Select(word => word.Content).OfType<ApiObject>().OrderBy(content => content.ObjectCase).ThenBy(content => content.NameOf(), StringComparer.Ordinal)];
            }
        }
    }

    public void Answered(ApplyRequest request, ApplyResponse response)
    {
        var scopes = response.Revisions.ToDictionary(one => one.Scope, one => one.Revision);
        lock (_gate)
        {
            foreach (var (index, change) in response.Changes.Index())
            {
                // A deletion has no etag, but its batch has a revision.
                var revision = change.Etag.Length > 0 ? long.Parse(change.Etag, CultureInfo.InvariantCulture) : scopes[ScopeOf(change.Name)];
                Note(change.Name, revision, index < request.Objects.Count ? request.Objects[index] : null);
            }
        }
    }

    public void Answered(ApiObject content, long revision)
    {
        lock (_gate)
        {
            Note(content.NameOf(), revision, content);
        }
    }

    /// <summary>Nobody knows if it was done: what is there at the end may be either.</summary>
    public void Unanswered(IEnumerable<ApiObject> objects, IEnumerable<string> deletes)
    {
        lock (_gate)
        {
            foreach (var (name, content) in objects.Select(one => (one.NameOf(), (ApiObject?)one)).Concat(deletes.Select(name => (name, (ApiObject?)null))))
            {
                (_open.TryGetValue(name, out var said) ? said : _open[name] = []).Add(content);
            }
        }
    }

    /// <summary>What is there and should not be, or the other way round, in words. Where an answer was missing, what is there becomes the last word.</summary>
    public IReadOnlyList<string> Compare(IReadOnlyDictionary<string, ApiObject> there)
    {
        var faults = new List<string>();
        lock (_gate)
        {
            foreach (var name in _last.Keys.Union(_open.Keys).Union(there.Keys).ToList())
            {
                var found = there.GetValueOrDefault(name);
                var word = _last.GetValueOrDefault(name);
                if (AreEqual(word.Content, found))
                {
                    continue;
                }

                if (_open.GetValueOrDefault(name) is { } said && said.Exists(one => AreEqual(one, found)))
                {
                    _last[name] = new Word(word.Revision, found);
                    continue;
                }

                faults.Add(
                    found is null ? $"{name} was acknowledged at revision {word.Revision} and is not there"
                    : word.Content is null ? $"{name} is there, though its deletion was acknowledged or nobody asked for it"
                    : $"{name} is not what was acknowledged at revision {word.Revision}");
            }
        }

        return faults;
    }

    /// <summary>Of an object's name: "tenants/{tenant}", or "" for the cluster's own.</summary>
    private static string ScopeOf(string name) => name.StartsWith("tenants/", StringComparison.Ordinal) ? string.Join('/', name.Split('/').Take(2)) : "";

    private static bool AreEqual(ApiObject? one, ApiObject? other) => one is null || other is null
        ? one is null && other is null
        : ObjectContent.Normalize(one).AsSpan().SequenceEqual(ObjectContent.Normalize(other));

    private void Note(string name, long revision, ApiObject? content)
    {
        if (!_last.TryGetValue(name, out var before) || before.Revision <= revision)
        {
            _last[name] = new Word(revision, content);
        }
    }

    /// <param name="Content">Null: deleted.</param>
    private readonly record struct Word(long Revision, ApiObject? Content);
}
