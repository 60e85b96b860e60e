using Shouldly;
using Vallum.Silo.Storage.Redis;
using Vallum.Storage.Tests.Backends;
using Xunit;

namespace Vallum.Storage.Tests;

public sealed class RedisSettingsTests
{
    [Theory]
    [InlineData("", "redis is empty")]
    [InlineData("host:6379,foo=bar", "Keyword 'foo' is not supported")]
    [InlineData("ssl=true", "names no server")]
    public void Settings_that_name_no_server_or_unknown_options_are_refused(string servers, string fault) =>
        new RedisStoreOptions(servers, "", "", "", "").Faults().ShouldHaveSingleItem().ShouldContain(fault);

    [Fact]
    public void Everything_that_is_wrong_is_told_at_once()
    {
        var faults = new RedisStoreOptions("host:1", "/no/password", "/no/authority", "/no/certificate", "").Faults().ToList();

        faults.Count.ShouldBe(4);
        faults[^1].ShouldContain("belong together");
    }

    [Fact]
    public void A_password_comes_from_its_file_and_is_in_no_name()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "password");
        File.WriteAllText(file, "secret\n");
        var redis = new RedisStoreOptions("redis-1:6379,redis-2:6380,user=vallum", file, "", "", "");

        redis.Faults().ShouldBeEmpty();
        var configuration = redis.ToConfiguration("test");
        (configuration.User, configuration.Password, configuration.Ssl).ShouldBe(("vallum", "secret", false));
        redis.Names().ShouldBe("redis-1:6379, redis-2:6380");
        (redis with { Servers = "redis-1:6379,password=hunter2" }).Faults().ShouldHaveSingleItem().ShouldNotContain("hunter2");
    }

    [Theory]
    [InlineData("yes", "always", "0", "noeviction", null)]
    [InlineData("no", "always", "0", "noeviction", "appendonly no")]
    [InlineData("yes", "everysec", "0", "noeviction", "one to two seconds")]
    [InlineData("yes", "no", "0", "noeviction", "half a minute")]
    [InlineData("yes", "always", "1000", "allkeys-lru", "allkeys-lru")]
    [InlineData("yes", "always", "0", "allkeys-lru", null)]
    [InlineData("yes", "always", "1000", "volatile-lru", null)]
    public void What_redis_may_lose_is_read_from_its_settings(string append, string sync, string memory, string eviction, string? risk)
    {
        var risks = RedisDurability.RisksOf("redis-1:6379", new Dictionary<string, string>
        {
            ["appendonly"] = append,
            ["appendfsync"] = sync,
            ["maxmemory"] = memory,
            ["maxmemory-policy"] = eviction,
        });

        risks.Count.ShouldBe(risk is null ? 0 : 1);
        risks.ShouldAllBe(text => text.Contains(risk!));
    }

    [Fact]
    public void Of_a_redis_that_tells_nothing_nothing_is_said() => RedisDurability.RisksOf("redis-1:6379", new Dictionary<string, string>()).ShouldBeEmpty();
}
