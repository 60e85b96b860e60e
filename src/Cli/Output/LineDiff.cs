namespace Vallum.Cli.Output;

/// <summary>The shortest way from one text to another by lines: " " kept, "-" gone, "+" new; all lines are shown, since an object is short.</summary>
internal static class LineDiff
{
    public static IEnumerable<string> Between(string[] before, string[] after)
    {
        var common = CommonLengths(before, after);
        int i = 0, j = 0;
        while (i < before.Length || j < after.Length)
        {
            if (i < before.Length && j < after.Length && before[i] == after[j])
            {
                yield return $" {before[i++]}";
                j++;
            }
            else if (j == after.Length || (i < before.Length && common[i + 1, j] >= common[i, j + 1]))
            {
                yield return $"-{before[i++]}";
            }
            else
            {
                yield return $"+{after[j++]}";
            }
        }
    }

    /// <summary>The length of the longest common subsequence of what is left from (i, j) on.</summary>
    private static int[,] CommonLengths(string[] before, string[] after)
    {
        var lengths = new int[before.Length + 1, after.Length + 1];
        for (var i = before.Length - 1; i >= 0; i--)
        {
            for (var j = after.Length - 1; j >= 0; j--)
            {
                lengths[i, j] = before[i] == after[j] ? lengths[i + 1, j + 1] + 1 : Math.Max(lengths[i + 1, j], lengths[i, j + 1]);
            }
        }

        return lengths;
    }
}
