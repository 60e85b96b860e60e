using System.Security.Cryptography;
using StackExchange.Redis;

namespace Vallum.Silo.Storage.Redis;

/// <summary>Redis cannot be used; the message says which one, why, and what to do.</summary>
internal sealed class RedisUnusableException(string message, Exception inner) : Exception(message, inner);

/// <summary>Asks Redis, before a silo starts, whether it is there and whether it keeps what it is told.</summary>
internal static class RedisPreflight
{
    /// <returns>What an acknowledged change may be lost by, one sentence each; empty when Redis syncs every write, or does not tell.</returns>
    /// <exception cref="RedisUnusableException">It does not answer, or not to us.</exception>
    public static async Task<IReadOnlyList<string>> RunAsync(RedisStoreOptions redis)
    {
        try
        {
            var configuration = redis.ToConfiguration("vallum-start");
            configuration.AllowAdmin = true;
            configuration.AbortOnConnectFail = true;
            configuration.ConnectRetry = 1;
            await using var connection = await ConnectionMultiplexer.ConnectAsync(configuration);
            await connection.GetDatabase().PingAsync();
            return [.. (await Task.WhenAll(connection.GetServers().Where(server => server.IsConnected && !server.IsReplica).Select(RisksAsync))).SelectMany(risks => risks)];
        }
        catch (Exception exception) when (exception is RedisException or IOException or CryptographicException or UnauthorizedAccessException or TimeoutException)
        {
            throw new RedisUnusableException(Words(redis, exception), exception);
        }
    }

    private static async Task<IReadOnlyList<string>> RisksAsync(IServer server)
    {
        try
        {
            return RedisDurability.RisksOf(
                server.EndPoint.ToString()!,
                (await server.ConfigGetAsync("*")).DistinctBy(pair => pair.Key).ToDictionary());
        }
        catch (RedisServerException)
        {
            // CONFIG is not for this user, or not on this server: a service that others run.
            return [];
        }
    }

    private static string Words(RedisStoreOptions redis, Exception exception)
    {
        var failure = (exception as RedisConnectionException)?.FailureType;
        var cause = failure is ConnectionFailureType.UnableToConnect or ConnectionFailureType.UnableToResolvePhysicalConnection
            ? "no server answers there" + (redis.UsesTls ? ", or not with TLS and these certificates" : "")
            : exception.GetBaseException().Message.TrimEnd('.');
        var todo = failure == ConnectionFailureType.AuthenticationFailure || exception is RedisServerException
            ? "Give user=NAME in --redis and the password in --redis-password-file; with TLS the authority in --redis-tls-ca"
            : "Start it, or name another with --redis";
        return $"Redis at {redis.Names()} cannot be used: {cause}. {todo}.";
    }
}
