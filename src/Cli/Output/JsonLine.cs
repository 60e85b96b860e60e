using Google.Protobuf;

namespace Vallum.Cli.Output;

/// <summary>A message as one line of JSON: for streams.</summary>
internal static class JsonLine
{
    private static readonly JsonFormatter Formatter = new(JsonFormatter.Settings.Default);

    public static string Write(IMessage message) => Formatter.Format(message);
}
