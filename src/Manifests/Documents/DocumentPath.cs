using System.Globalization;

namespace Vallum.Manifests.Documents;

/// <summary>Finds the line of a field by its path.</summary>
internal static class DocumentPath
{
    /// <summary>The line of "spec.ingress[0].peers[1]", or of the innermost part of it that is there.</summary>
    public static int LineOf(DocumentNode root, string path)
    {
        var line = root.Line;
        var node = root;
        var rest = path.AsSpan();
        while (!rest.IsEmpty)
        {
            var step = Step(rest, out var isIndex);
            rest = rest[step.Length..].TrimStart('.');
            var key = step.Trim("[]\"").ToString();
            if (!isIndex && node is DocumentNode.Mapping mapping && mapping.Entries.FirstOrDefault(e => e.Key == key) is { Key: not null } entry)
            {
                (line, node) = (entry.Line, entry.Value);
            }
            else if (isIndex && node is DocumentNode.List list && int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < list.Items.Length)
            {
                (line, node) = (list.Items[index].Line, list.Items[index]);
            }
            else
            {
                break;
            }
        }

        return line;
    }

    /// <summary>"spec", "[0]" or "[\"app.kubernetes.io/name\"]".</summary>
    private static ReadOnlySpan<char> Step(ReadOnlySpan<char> path, out bool isIndex)
    {
        isIndex = false;
        if (path[0] != '[')
        {
            var end = path.IndexOfAny('.', '[');
            return end < 0 ? path : path[..end];
        }

        isIndex = path.Length > 1 && path[1] != '"';
        var close = path.IndexOf(isIndex ? "]" : "\"]");
        return close < 0 ? path : path[..(close + (isIndex ? 1 : 2))];
    }
}
