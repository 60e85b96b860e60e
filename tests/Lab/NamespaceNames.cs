using System.Globalization;
using System.Text.RegularExpressions;

namespace Vallum.Lab;

/// <summary>
/// The names of a lab's namespaces: <c>vlab{pid}.{start}-{n}-{host}</c>. Process id and start time (field 22 of proc(5)'s stat) name the
/// owner for ever: a process id alone is used again.
/// </summary>
internal static partial class NamespaceNames
{
    private const string Directory = "/run/netns";

    /// <summary>The prefix of this process' n-th lab, ending in a dash.</summary>
    public static string Prefix(int lab) =>
        string.Create(CultureInfo.InvariantCulture, $"vlab{Environment.ProcessId}.{StartOf(Environment.ProcessId)}-{lab}-");

    public static string PathOf(string name) => $"{Directory}/{name}";

    public static IEnumerable<string> All() =>
        System.IO.Directory.Exists(Directory) ? System.IO.Directory.EnumerateFiles(Directory).Select(path => Path.GetFileName(path)) : [];

    /// <summary>True for a name that a lab gave and whose owner is no longer there.</summary>
    public static bool IsLeftBehind(string name) =>
        Owned().Match(name) is { Success: true } owner
        && int.TryParse(owner.Groups["pid"].ValueSpan, CultureInfo.InvariantCulture, out var process)
        && StartOf(process) != owner.Groups["start"].Value;

    /// <summary>When the process started, in clock ticks since boot; empty for a process that is not there.</summary>
    private static string StartOf(int process)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{process}/stat");
            // The second field is the command's name in parentheses, which may itself hold blanks and parentheses.
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[19];
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    [GeneratedRegex(@"^vlab(?<pid>\d+)\.(?<start>\d+)-\d+-", RegexOptions.ExplicitCapture)]
    private static partial Regex Owned();
}
