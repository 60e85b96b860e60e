using Vallum.Lab;

namespace Vallum.Dataplane.Packets.Tests.Router;

/// <summary>Commands inside a namespace.</summary>
internal static class Tool
{
    public static Task<string> InAsync(string space, string program, params string[] arguments) => FeedAsync(space, "", program, arguments);

    public static Task<string> FeedAsync(string space, string input, string program, params string[] arguments) =>
        Command.RunAsync("ip", ["netns", "exec", space, program, .. arguments], input);

    public static Task<string> IpAsync(string space, IEnumerable<string> lines) =>
        Command.RunAsync("ip", ["-n", space, "-batch", "-"], string.Join('\n', lines));
}
