using System.Collections.Frozen;
using Grpc.Health.V1;
using Grpc.Reflection.V1Alpha;
using Vallum.Contracts.Agent.V1;
using ServiceDescriptor = Google.Protobuf.Reflection.ServiceDescriptor;

namespace Vallum.Silo.Security.Access;

/// <summary>Whom a method is for.</summary>
internal enum Audience
{
    /// <summary>Also for those whom nobody knows.</summary>
    Anyone,

    /// <summary>For whoever is known, of whatever kind.</summary>
    Known,

    Users,

    Nodes,
}

/// <param name="Demands">Of a request, what its caller must be allowed. A name that cannot be read demands nothing: the method itself refuses it.</param>
internal sealed record MethodRule(Audience Audience, Func<object, IEnumerable<Demand>> Demands);

/// <summary>The one place that says, for every method, whom it is for and what it demands. A method that is not here is for nobody.</summary>
internal sealed class MethodRules
{
    private readonly FrozenDictionary<string, MethodRule> _rules;

    public MethodRules()
    {
        var rules = new Dictionary<string, MethodRule>(ApiRules.All())
        {
            [PathOf(AgentService.Descriptor, "Connect")] = new(Audience.Nodes, _ => []),
            ["/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"] = new(Audience.Known, _ => []),
        };
        foreach (var method in Health.Descriptor.Methods)
        {
            rules[PathOf(Health.Descriptor, method.Name)] = new(Audience.Anyone, _ => []);
        }

        foreach (var method in ServerReflection.Descriptor.Methods)
        {
            rules[PathOf(ServerReflection.Descriptor, method.Name)] = new(Audience.Known, _ => []);
        }

        _rules = rules.ToFrozenDictionary(StringComparer.Ordinal);
    }

    public IEnumerable<string> Methods => _rules.Keys;

    public static string PathOf(ServiceDescriptor service, string method) =>
        $"/{service.FullName}/{service.FindMethodByName(method)?.Name ?? throw new ArgumentException($"{service.FullName} has no method {method}", nameof(method))}";

    /// <param name="method">"/vallum.api.v1.PolicyService/GetPolicy".</param>
    /// <returns>Null: nobody may call it.</returns>
    public MethodRule? Find(string method) => _rules.GetValueOrDefault(method);

    public bool IsForAnyone(string? path) => path is not null && Find(path)?.Audience == Audience.Anyone;
}
