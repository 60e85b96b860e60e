using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans.Messaging;
using Orleans.Runtime.Hosting;
using Orleans.Serialization;
using Orleans.Serialization.Serializers;
using Orleans.Storage;

namespace Vallum.Silo.Storage.Sqlite;

/// <summary>Puts the file behind Orleans' seams. Storage and clustering of one process share one store.</summary>
internal static class SqliteHosting
{
    /// <summary>Grain state of the provider <paramref name="name"/> in the file, in the format of Orleans' own serializer.</summary>
    public static ISiloBuilder AddSqliteGrainStorage(this ISiloBuilder builder, string name, Action<SqliteStoreOptions> configure)
    {
        builder.Services.AddSqliteStore(configure);
        builder.Services.AddOrleansStorageSerializer();
        builder.Services.AddMetrics().TryAddSingleton<StorageMetrics>();
        builder.Services.AddGrainStorage(name, (services, _) => new CountedGrainStorage(
            new PassingFaultStorage(new SqliteGrainStorage(
                services.GetRequiredService<SqliteStore>(),
                services.GetRequiredService<IGrainStorageSerializer>(),
                services.GetRequiredService<IActivatorProvider>())),
            services.GetRequiredService<StorageMetrics>()));
        return builder;
    }

    /// <summary>Makes the silos of this machine that open the same file, under the same cluster id, one cluster.</summary>
    public static ISiloBuilder UseSqliteClustering(this ISiloBuilder builder, Action<SqliteStoreOptions> configure)
    {
        builder.Services.AddSqliteStore(configure);
        builder.Services.AddSingleton<IMembershipTable, SqliteMembershipTable>();
        return builder;
    }

    /// <summary>Lets a client on this machine find the cluster's silos through the file.</summary>
    public static IClientBuilder UseSqliteClustering(this IClientBuilder builder, Action<SqliteStoreOptions> configure)
    {
        builder.Services.AddSqliteStore(configure);
        builder.Services.AddSingleton<IMembershipTable, SqliteMembershipTable>();
        builder.Services.AddSingleton<IGatewayListProvider, SqliteGatewayList>();
        return builder;
    }

    /// <summary>Orleans' default for storage is Newtonsoft's JSON, 4 to 7 times slower and larger in garbage; this replaces that default.</summary>
    public static IServiceCollection AddOrleansStorageSerializer(this IServiceCollection services)
    {
        services.RemoveAll<IGrainStorageSerializer>();
        return services.AddSingleton<IGrainStorageSerializer>(provider => new OrleansGrainStorageSerializer(provider.GetRequiredService<Serializer>()));
    }

    private static void AddSqliteStore(this IServiceCollection services, Action<SqliteStoreOptions> configure)
    {
        services.AddOptions<SqliteStoreOptions>().Configure(configure).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<SqliteStoreOptions>, SqliteStoreOptionsCheck>());
        services.TryAddSingleton<SqliteStore>();
    }

    private sealed class SqliteStoreOptionsCheck : IValidateOptions<SqliteStoreOptions>
    {
        public ValidateOptionsResult Validate(string? name, SqliteStoreOptions options)
        {
            var faults = options.Faults().ToList();
            return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
        }
    }
}
