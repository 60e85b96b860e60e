using System.Diagnostics;

namespace Vallum.Lab;

/// <summary>What a lab needs of the machine.</summary>
public static class LabNeeds
{
    /// <summary>Why no lab can be made here, in words for the screen; null where one can.</summary>
    public static string? Missing { get; } = FindMissing();

    private static string? FindMissing()
    {
        if (!OperatingSystem.IsLinux())
        {
            return "packet tests need Linux: network namespaces";
        }
        if (!Environment.IsPrivilegedProcess)
        {
            return "packet tests need root: they make network namespaces";
        }
        string[] missing = [.. new[] { "ip", "iptables", "ip6tables", "ipset" }.Where(tool => !IsInstalled(tool))];
        if (missing.Length > 0)
        {
            return $"packet tests need {string.Join(", ", missing)}: run eng/install.sh";
        }
        var trial = $"vlabtrial{Environment.ProcessId}";
        return Ip("netns", "add", trial) ?? Ip("netns", "del", trial);
    }

    /// <summary>Null if the call was carried out, else why not.</summary>
    private static string? Ip(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("ip", arguments) { RedirectStandardError = true })!;
        var said = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? null : $"packet tests need network namespaces, and this machine refuses: {said.Trim()}";
    }

    private static bool IsInstalled(string tool) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Append("/usr/sbin").Append("/sbin")
            .Any(directory => File.Exists(Path.Combine(directory, tool)));
}
