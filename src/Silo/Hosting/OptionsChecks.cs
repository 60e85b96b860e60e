using System.Net;
using Microsoft.Extensions.Options;
using Vallum.Silo.Grains.Objects;

namespace Vallum.Silo.Hosting;

/// <summary>Judges settings at start: everything that is wrong at once, each with what would be right.</summary>
internal sealed class SiloOptionsCheck : IValidateOptions<SiloOptions>
{
    public ValidateOptionsResult Validate(string? name, SiloOptions options) => OptionsFaults.ToResult(FaultsOf(options));

    private static IEnumerable<string> FaultsOf(SiloOptions options)
    {
        foreach (var fault in ClusterFaults.Of(options))
        {
            yield return fault;
        }

        foreach (var (setting, text) in ((string, string)[])[("listen", options.Listen), ("admin-listen", options.AdminListen)])
        {
            if (!SiloOptions.TryParseListen(text, out var endpoint))
            {
                yield return $"{setting} is '{text}': write an address and a port, such as 127.0.0.1:7400 or [::1]:7400.";
            }
            else if (!IPAddress.IsLoopback(endpoint.Address) && !options.Insecure && (setting == "admin-listen" || !options.HasTls))
            {
                yield return $"{setting} is '{text}', which other machines reach, without TLS: {(setting == "listen" ? "give tls-certificate and tls-key" : "listen on a loopback address")}, or say insecure if that is what you want.";
            }
        }

        if (options.GatewayListen.Length > 0 &&
            (!SiloOptions.TryParseListen(options.GatewayListen, out var gateway) || !IPAddress.IsLoopback(gateway.Address) || gateway.Port == 0))
        {
            yield return $"gateway-listen is '{options.GatewayListen}': write a loopback address and a port, such as 127.0.0.1:7600; nobody is asked there who he is.";
        }

        if (options.TlsCertificate.Length > 0 != options.TlsKey.Length > 0)
        {
            yield return "tls-certificate and tls-key belong together: give both or none.";
        }

        foreach (var file in (string[])[options.TlsCertificate, options.TlsKey])
        {
            if (file.Length > 0 && !File.Exists(file))
            {
                yield return $"there is no file '{file}'.";
            }
        }

        if (options.MaxConnections is < 16 or > 1_000_000)
        {
            yield return $"max-connections is {options.MaxConnections}: use 16 to 1,000,000.";
        }

        if (OptionsFaults.Outside("stop-within", options.StopWithin, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1)) is { } stop)
        {
            yield return stop;
        }
    }
}

internal sealed class MembershipOptionsCheck : IValidateOptions<MembershipOptions>
{
    public ValidateOptionsResult Validate(string? name, MembershipOptions options) => OptionsFaults.ToResult(
        new[]
        {
            OptionsFaults.Outside("membership probe", options.Probe, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(30)),
            OptionsFaults.Outside("membership maxProbe", options.MaxProbe, options.Probe, TimeSpan.FromSeconds(30)),
            OptionsFaults.Outside("membership refresh", options.Refresh, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1)),
            OptionsFaults.Outside("membership signOfLife", options.SignOfLife, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1)),
            OptionsFaults.Outside("membership rowGone", options.RowGone, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5)),
            options.MissedProbes is < 2 or > 20 ? $"membership missedProbes is {options.MissedProbes}: use 2 to 20." : null,
        }.OfType<string>());
}

internal sealed class ScopeLimitsCheck : IValidateOptions<ScopeLimits>
{
    public ValidateOptionsResult Validate(string? name, ScopeLimits options) => OptionsFaults.ToResult(
        new[]
        {
            OptionsFaults.Outside("limits waitingBatches", options.WaitingBatches, 1, 1_000_000),
            OptionsFaults.Outside("limits waitingBytes", options.WaitingBytes, 8L << 20, 4L << 30),
            OptionsFaults.Outside("limits groupBatches", options.GroupBatches, 1, 10_000),
            OptionsFaults.Outside("limits batchChanges", options.BatchChanges, 1, 1_000_000),
            OptionsFaults.Outside("limits batchBytes", options.BatchBytes, 1 << 10, 6 << 20),
            OptionsFaults.Outside("limits historyBytes", options.HistoryBytes, 0, 64L << 30),
            OptionsFaults.Outside("limits historyFor", options.HistoryFor, TimeSpan.FromHours(1), TimeSpan.FromDays(36_500)),
            OptionsFaults.Outside("limits endpointHistoryBytes", options.EndpointHistoryBytes, 0, 64L << 30),
            OptionsFaults.Outside("limits endpointHistoryFor", options.EndpointHistoryFor, TimeSpan.FromHours(1), TimeSpan.FromDays(36_500)),
        }.OfType<string>());
}

internal static class OptionsFaults
{
    public static ValidateOptionsResult ToResult(IEnumerable<string> faults)
    {
        var all = faults.ToList();
        return all.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(all);
    }

    /// <summary>What is wrong with a setting; null when it is in its range.</summary>
    public static string? Outside<T>(string setting, T value, T lowest, T highest)
        where T : IComparable<T> =>
        value.CompareTo(lowest) < 0 || value.CompareTo(highest) > 0 ? $"{setting} is {value}: use {lowest} to {highest}." : null;
}
