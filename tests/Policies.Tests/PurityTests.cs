using System.Reflection;
using Vallum.Policies.Model;
using Vallum.Primitives;

namespace Vallum.Policies.Tests;

/// <summary>The pure rooms see the base library and each other, and nothing that acts.</summary>
public sealed class PurityTests
{
    [Theory]
    [InlineData("Vallum.Primitives")]
    [InlineData("Vallum.Policies", "Vallum.Primitives")]
    [InlineData("Vallum.Dataplane", "Vallum.Primitives")]
    public void A_pure_room_references_only_the_base_library_and_the_primitives(string assembly, params string[] rooms)
    {
        var references = Assembly.Load(assembly).GetReferencedAssemblies().Select(a => a.Name!);

        references.Where(name => !name.StartsWith("System.", StringComparison.Ordinal) && !rooms.Contains(name)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(typeof(Address))]
    [InlineData(typeof(Policy))]
    public void A_pure_room_has_no_static_state_that_changes(Type room)
    {
        var changing = room.Assembly.GetTypes()
            .Where(t => !t.IsDefined(typeof(System.Runtime.CompilerServices.CompilerGeneratedAttribute)))
            .SelectMany(t => t.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .Where(f => !f.IsInitOnly && !f.IsLiteral && !f.IsDefined(typeof(System.Runtime.CompilerServices.CompilerGeneratedAttribute)));

        changing.Select(f => $"{f.DeclaringType}.{f.Name}").ShouldBeEmpty();
    }
}
