using Vallum.Manifests.Parsing;
using Api = Vallum.Contracts.Api.V1;

namespace Vallum.Manifests.Kubernetes;

/// <summary>Kubernetes has no object for a segment: the segments that pods name are made for them, where nobody wrote them.</summary>
internal static class ImpliedSegments
{
    public static List<Manifest> Of(IReadOnlyCollection<Manifest> manifests)
    {
        var known = manifests.Where(m => m.Object.ObjectCase == Api.Object.ObjectOneofCase.Segment).Select(m => m.Object.Segment.Name).ToHashSet(StringComparer.Ordinal);
        var implied = new List<Manifest>();
        foreach (var pod in manifests.Where(m => m is { Origin: "Pod", Object.ObjectCase: Api.Object.ObjectOneofCase.Endpoint }))
        {
            var endpoint = pod.Object.Endpoint;
            if (ObjectName.TryParse(endpoint.Name, out var name))
            {
                var segment = $"tenants/{name.Tenant}/segments/{endpoint.Spec.Segment}";
                if (known.Add(segment))
                {
                    implied.Add(pod with { Object = new Api.Object { Segment = new Api.Segment { Name = segment } }, Implied = true });
                }
            }
        }

        return implied;
    }
}
