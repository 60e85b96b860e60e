using System.Reflection;

namespace Vallum.Compatibility.Tests.Contracts;

/// <summary>
/// The wire between silos and what they store, read from the assemblies: grain interfaces with their methods, records with their ids, enums with their
/// numbers. Types have the name that is on the wire: their alias.
/// </summary>
internal static class SiloContracts
{
    private const BindingFlags Own = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    public static ContractList Of(params Assembly[] assemblies)
    {
        var types = assemblies.SelectMany(assembly => assembly.GetTypes()).Where(type => !type.FullName!.StartsWith("OrleansCodeGen.", StringComparison.Ordinal)).ToList();
        var records = types.Where(type => type.GetCustomAttribute<GenerateSerializerAttribute>() is not null && !type.IsEnum).ToList();
        var interfaces = types.Where(type => type.IsInterface && type.IsAssignableTo(typeof(Orleans.Runtime.IAddressable))).ToList();
        var enums = records.SelectMany(record => Members(record).Select(member => member.Type))
            .Concat(interfaces.SelectMany(Methods).SelectMany(method => method.GetParameters().Select(parameter => parameter.ParameterType).Append(method.ReturnType)))
            .SelectMany(Within)
            .Where(type => type.IsEnum && assemblies.Contains(type.Assembly))
            .Distinct();
        return ContractList.Of([.. interfaces.SelectMany(Interface), .. records.SelectMany(Record), .. enums.SelectMany(Enum)]);
    }

    private static IEnumerable<(string Name, string Meaning)> Interface(Type type) =>
        Methods(type).Select(method => (
            $"interface {type.FullName} {method.GetCustomAttribute<AliasAttribute>()?.Alias ?? method.Name}",
            $"({string.Join(", ", method.GetParameters().Select(parameter => NameOf(parameter.ParameterType)))}) -> {NameOf(method.ReturnType)}"));

    private static IEnumerable<MethodInfo> Methods(Type type) =>
        type.GetInterfaces().Where(inherited => inherited.Assembly == type.Assembly).Append(type).SelectMany(each => each.GetMethods(BindingFlags.Instance | BindingFlags.Public));

    private static IEnumerable<(string Name, string Meaning)> Record(Type type)
    {
        yield return ($"record {NameOf(type)}", type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType) ? $"after {NameOf(parent)}" : "a record");
        foreach (var (id, name, member) in Members(type))
        {
            yield return ($"record {NameOf(type)} {id}", $"{name}, {NameOf(member)}");
        }
    }

    private static IEnumerable<(uint Id, string Name, Type Type)> Members(Type type) =>
    [
        .. from property in type.GetProperties(Own)
           let id = property.GetCustomAttribute<IdAttribute>()
           where id is not null
           select (id.Id, property.Name, property.PropertyType),
        .. from field in type.GetFields(Own)
           let id = field.GetCustomAttribute<IdAttribute>()
           where id is not null
           select (id.Id, field.Name, field.FieldType),
    ];

    private static IEnumerable<(string Name, string Meaning)> Enum(Type type) =>
        System.Enum.GetNames(type).Select(name => ($"enum {NameOf(type)} {Convert.ToInt64(System.Enum.Parse(type, name), System.Globalization.CultureInfo.InvariantCulture)}", name));

    private static IEnumerable<Type> Within(Type type) =>
        type.IsArray ? Within(type.GetElementType()!) : type.IsGenericType ? [type, .. type.GetGenericArguments().SelectMany(Within)] : [type];

    private static string NameOf(Type type)
    {
        if (type.IsArray)
        {
            return $"{NameOf(type.GetElementType()!)}[]";
        }

        var name = type.GetCustomAttribute<AliasAttribute>()?.Alias ?? type.Name.Split('`')[0];
        return type.IsGenericType ? $"{name}<{string.Join(", ", type.GetGenericArguments().Select(NameOf))}>" : name;
    }
}
