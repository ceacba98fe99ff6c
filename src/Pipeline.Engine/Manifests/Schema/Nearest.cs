namespace Pipeline.Engine.Manifests.Schema;

/// <summary>The word that was probably meant.</summary>
internal static class Nearest
{
    private const int MaxLength = 64;

    /// <summary>
    /// The closest candidate by edits (a swap counts one), at most a third of the letters; else the only one that begins
    /// with the word; else null. Numbers are near to nothing.
    /// </summary>
    public static string? Find(string word, IEnumerable<string> candidates)
    {
        if (word.Length is 0 or > MaxLength || word.All(c => char.IsAsciiDigit(c) || c is '-' or '.'))
            return null;
        var folded = Fold(word);
        var known = candidates.ToList();
        var best = known.Where(c => c.Length <= MaxLength)
            .Select(c => (Name: c, Distance: Distance(folded, Fold(c))))
            .OrderBy(c => c.Distance).ThenBy(c => c.Name, StringComparer.Ordinal)
            .FirstOrDefault();
        if (best.Name is not null && best.Distance <= Math.Max(1, folded.Length / 3))
            return best.Name;
        var longer = known.Where(c => folded.Length >= 3 && Fold(c).StartsWith(folded, StringComparison.Ordinal)).ToList();
        return longer.Count == 1 ? longer[0] : null;
    }

    private static string Fold(string word) => word.ToLowerInvariant().Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal);

    private static int Distance(string a, string b)
    {
        var rows = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
            rows[i, 0] = i;
        for (var j = 0; j <= b.Length; j++)
            rows[0, j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            for (var j = 1; j <= b.Length; j++)
            {
                var change = rows[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                rows[i, j] = Math.Min(change, 1 + Math.Min(rows[i - 1, j], rows[i, j - 1]));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    rows[i, j] = Math.Min(rows[i, j], rows[i - 2, j - 2] + 1);
            }
        }
        return rows[a.Length, b.Length];
    }
}
