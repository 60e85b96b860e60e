using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;
using Orleans.Serialization.Serializers;
using Orleans.Storage;

namespace Vallum.Storage.Tests.Backends;

/// <summary>Orleans' serializer as a silo has it, with the storage records of this assembly and of the silo.</summary>
public static class Serialization
{
    private static readonly ServiceProvider Services = new ServiceCollection().AddSerializer().BuildServiceProvider();

    public static IGrainStorageSerializer Storage { get; } = new OrleansGrainStorageSerializer(Services.GetRequiredService<Serializer>());

    public static IActivatorProvider Activators { get; } = Services.GetRequiredService<IActivatorProvider>();
}

/// <summary>A state such as a grain has.</summary>
[GenerateSerializer, Alias("vallum.tests.note")]
public sealed record Note
{
    [Id(0)]
    public string Text { get; init; } = "";

    [Id(1)]
    public ReadOnlyMemory<byte> Bytes { get; init; }
}
