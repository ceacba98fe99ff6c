using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Pipeline.Engine.Git;

/// <summary>Tells from a history which pull request brought a commit: GitHub writes its number into the merge's subject.</summary>
internal static partial class MergedCommits
{
    private sealed record Entry(string Hash, string[] Parents, string Subject);

    /// <param name="log">Entries that end with NUL: hash, parents, subject, with tabs between; children before parents.</param>
    public static ImmutableDictionary<string, int> Find(string log)
    {
        var entries = log.Split('\0', StringSplitOptions.RemoveEmptyEntries)
            .Select(e => e.TrimStart('\n').Split('\t', 3)).Where(f => f.Length == 3)
            .Select(f => new Entry(f[0], f[1].Split(' ', StringSplitOptions.RemoveEmptyEntries), f[2]))
            .ToList();
        var byHash = entries.ToDictionary(e => e.Hash, StringComparer.Ordinal);
        var found = ImmutableDictionary.CreateBuilder<string, int>(StringComparer.Ordinal);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        // The oldest merge first: what it brought, a later one did not.
        foreach (var merge in MainLine(entries.FirstOrDefault(), byHash).Reverse())
        {
            seen.Add(merge.Hash);
            var number = Number(merge.Subject);
            foreach (var hash in Reach(merge.Parents.Skip(1), byHash, seen))
            {
                if (number is { } pullRequest)
                    found[hash] = pullRequest;
            }
        }
        return found.ToImmutable();
    }

    private static IEnumerable<Entry> MainLine(Entry? head, Dictionary<string, Entry> byHash)
    {
        for (var entry = head; entry is not null; entry = entry.Parents is [var first, ..] ? byHash.GetValueOrDefault(first) : null)
            yield return entry;
    }

    /// <summary>What can be reached and was not seen yet; it is then.</summary>
    private static List<string> Reach(IEnumerable<string> from, Dictionary<string, Entry> byHash, HashSet<string> seen)
    {
        var reached = new List<string>();
        var pending = new Stack<string>(from);
        while (pending.TryPop(out var hash))
        {
            if (!byHash.TryGetValue(hash, out var entry) || !seen.Add(hash))
                continue;
            reached.Add(hash);
            foreach (var parent in entry.Parents)
                pending.Push(parent);
        }
        return reached;
    }

    private static int? Number(string subject) =>
        Merge().Match(subject) is { Success: true } match && int.TryParse(match.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    [GeneratedRegex(@"^Merge pull request #(\d{1,9}) from ")]
    private static partial Regex Merge();
}
