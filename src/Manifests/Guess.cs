namespace Vallum.Manifests;

/// <summary>What somebody probably meant.</summary>
internal static class Guess
{
    private const int LongestWord = 40;

    /// <summary>"; did you mean ingress?", or "; known are …" for short lists, or nothing.</summary>
    public static string Of(string word, IEnumerable<string> known)
    {
        var words = known.ToList();
        var nearest = word.Length > LongestWord
            ? null
            : words.Select(w => (Word: w, Distance: Distance(word, w)))
                .Where(c => c.Distance <= Math.Max(1, c.Word.Length / 3))
                .OrderBy(c => c.Distance)
                .Select(c => c.Word)
                .FirstOrDefault();
        return nearest is not null ? $"; did you mean {nearest}?" : words.Count > 0 ? $"; known are {string.Join(", ", words)}" : "";
    }

    /// <summary>Characters to insert, delete or replace (Levenshtein), upper and lower case being one.</summary>
    private static int Distance(string left, string right)
    {
        var row = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 0; i < left.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i + 1;
            for (var j = 0; j < right.Length; j++)
            {
                var cost = char.ToLowerInvariant(left[i]) == char.ToLowerInvariant(right[j]) ? diagonal : diagonal + 1;
                diagonal = row[j + 1];
                row[j + 1] = Math.Min(cost, Math.Min(row[j], row[j + 1]) + 1);
            }
        }

        return row[right.Length];
    }
}
