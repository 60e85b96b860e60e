using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Persistence;
using Orleans.Runtime.Hosting;
using StackExchange.Redis;
using Vallum.Silo.Storage.Sqlite;

namespace Vallum.Silo.Storage.Redis;

/// <summary>Puts Redis behind Orleans' seams. Keys begin with the cluster's name (<c>ServiceId</c>), so that clusters may share a server.</summary>
internal static class RedisHosting
{
    /// <summary>Grain state of the provider <paramref name="name"/>, in the format of Orleans' own serializer.</summary>
    public static ISiloBuilder AddRedisGrainStorage(this ISiloBuilder builder, string name, RedisStoreOptions redis)
    {
        builder.Services.AddOptions<RedisStorageOptions>(name).Configure(storage =>
        {
            storage.ConfigurationOptions = redis.ToConfiguration("vallum-objects");
            // What was cleared is gone: a row that stayed, empty, would be found by the log as its own.
            storage.DeleteStateOnClear = true;
        });
        builder.Services.AddOrleansStorageSerializer();
        builder.Services.AddMetrics().TryAddSingleton<StorageMetrics>();
        builder.Services.AddKeyedSingleton(name, (services, _) => RedisGrainStorageFactory.Create(services, name));
        builder.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(services => services.GetRequiredKeyedService<RedisGrainStorage>(name));
        builder.Services.AddGrainStorage(name, (services, _) => new CountedGrainStorage(
            new PassingFaultStorage(services.GetRequiredKeyedService<RedisGrainStorage>(name)), services.GetRequiredService<StorageMetrics>()));
        return builder;
    }

    /// <summary>Makes the silos that use the same server, under the same cluster id, one cluster.</summary>
    public static ISiloBuilder UseRedisClustering(this ISiloBuilder builder, RedisStoreOptions redis) => builder.UseRedisClustering(clustering =>
    {
        clustering.ConfigurationOptions = redis.ToConfiguration("vallum-members");
        // A connection of its own: signs of life must not wait behind large rows.
        clustering.CreateMultiplexer = async options => (await ConnectionMultiplexer.ConnectAsync(options.ConfigurationOptions!), IsShared: false);
    });
}
