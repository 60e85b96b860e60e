using System.Text.Json;

namespace Vallum.NodeAgent.Status;

/// <summary>The status on disk; written beside and renamed, so that a reader never sees half of it.</summary>
internal static class StatusFile
{
    public static void Write(string path, AgentStatus status)
    {
        var temporary = path + ".new";
        File.WriteAllText(temporary, JsonSerializer.Serialize(status, AgentStatusJson.Default.AgentStatus));
        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>Null when no agent has written one.</summary>
    public static AgentStatus? Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(path), AgentStatusJson.Default.AgentStatus);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            return null;
        }
    }
}
