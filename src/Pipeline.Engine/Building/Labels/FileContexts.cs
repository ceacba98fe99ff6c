using System.Text.RegularExpressions;
using Pipeline.Core.Files;

namespace Pipeline.Engine.Building.Labels;

/// <summary>
/// The rules of an SELinux policy for the labels of files, as libselinux reads them (<c>label_file</c>): rules for one
/// path win over patterns, and among either the last one that matches. Paths are Latin-1 for their bytes.
/// </summary>
internal sealed class FileContexts
{
    /// <summary>No label: the policy says that it does not care.</summary>
    public const string None = "<<none>>";

    private const int MaxRules = 200_000;
    private readonly List<Rule> _rules = [];
    private readonly Dictionary<string, List<int>> _exact = new(StringComparer.Ordinal);
    private readonly PrefixTree _prefixes = new();
    private readonly List<(string From, string To)> _substitutions;
    private readonly List<(string From, string To)> _vendorSubstitutions;

    private sealed record Rule(string Pattern, char Kind, string Context)
    {
        private readonly ContextTail _tail = ContextTail.Of(Pattern);
        private Regex? _regex;

        public bool IsMatch(string path) => _tail.Decides(path) ?? (_regex ??= ContextPattern.Compile(Pattern)).IsMatch(path);
    }

    /// <param name="texts">Of <c>file_contexts</c>, <c>.homedirs</c> and <c>.local</c>, in this order; what is not there is left out.</param>
    /// <param name="substitutions">The text of <c>.subs</c>: <c>FROM TO</c> a line.</param>
    /// <param name="vendorSubstitutions">The text of <c>.subs_dist</c>.</param>
    public FileContexts(IEnumerable<string> texts, string? substitutions, string? vendorSubstitutions)
    {
        foreach (var text in texts)
        {
            foreach (var line in text.Split('\n'))
                Add(line);
        }
        (_substitutions, _vendorSubstitutions) = (Pairs(substitutions), Pairs(vendorSubstitutions));
    }

    /// <summary>Patterns that cannot be matched and are passed over, with the reason.</summary>
    public SortedDictionary<string, string> PassedOver { get; } = new(StringComparer.Ordinal);

    /// <returns>The context; null where no rule matches, or one says that there is none.</returns>
    public string? Find(string path, FileNode node)
    {
        var key = Substitute(Substitute(path, _substitutions), _vendorSubstitutions);
        var kind = KindOf(node);
        var found = Exact(key, kind) ?? Pattern(key, kind);
        return found == None ? null : found;
    }

    private string? Exact(string path, char kind)
    {
        if (!_exact.TryGetValue(path, out var rules))
            return null;
        var last = rules.FindLast(r => Fits(_rules[r], kind));
        return rules.Exists(r => Fits(_rules[r], kind)) ? _rules[last].Context : null;
    }

    private string? Pattern(string path, char kind)
    {
        var candidates = new List<int>();
        _prefixes.Collect(path, candidates);
        candidates.Sort();
        for (var i = candidates.Count - 1; i >= 0; i--)
        {
            var rule = _rules[candidates[i]];
            if (Fits(rule, kind) && IsMatch(rule, path))
                return rule.Context;
        }
        return null;
    }

    private bool IsMatch(Rule rule, string path)
    {
        if (PassedOver.ContainsKey(rule.Pattern))
            return false;
        try
        {
            return rule.IsMatch(path);
        }
        catch (NotSupportedException e)
        {
            PassedOver.Add(rule.Pattern, e.Message);
            return false;
        }
    }

    private static bool Fits(Rule rule, char kind) => rule.Kind == '\0' || rule.Kind == kind;

    /// <summary><c>PATTERN [-TYPE] CONTEXT</c></summary>
    private void Add(string line)
    {
        var words = line.Split((char[])[' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries);
        if (words.Length is < 2 or > 3 || words[0][0] == '#' || _rules.Count == MaxRules)
            return;
        var kind = words.Length == 3 && words[1] is ['-', var letter] ? letter : '\0';
        var index = _rules.Count;
        _rules.Add(new(words[0], kind, words[^1]));
        if (ContextPattern.HasMetaCharacters(words[0]))
        {
            _prefixes.Add(ContextPattern.LiteralPrefix(words[0]), index);
            return;
        }
        var path = ContextPattern.Literal(words[0]);
        if (!_exact.TryGetValue(path, out var rules))
            _exact.Add(path, rules = []);
        rules.Add(index);
    }

    private static char KindOf(FileNode node) => node switch
    {
        DirectoryNode => 'd',
        SymbolicLink => 'l',
        SpecialFile { Kind: SpecialKind.CharacterDevice } => 'c',
        SpecialFile { Kind: SpecialKind.BlockDevice } => 'b',
        SpecialFile { Kind: SpecialKind.Fifo } => 'p',
        SpecialFile => 's',
        _ => '-',
    };

    private static List<(string From, string To)> Pairs(string? text) =>
    [
        .. (text ?? "").Split('\n').Select(l => l.Split((char[])[' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries))
            .Where(w => w.Length >= 2 && w[0][0] == '/').Select(w => (w[0], w[1])).Reverse(),
    ];

    /// <summary>One path prefix for another, whole names only. Of several that fit the last line wins.</summary>
    private static string Substitute(string path, List<(string From, string To)> pairs)
    {
        foreach (var (from, to) in pairs)
        {
            if (!path.StartsWith(from, StringComparison.Ordinal) || (path.Length > from.Length && path[from.Length] != '/'))
                continue;
            var rest = path[from.Length..];
            return to == "/" && rest.Length > 0 ? rest : to + rest;
        }
        return path;
    }
}

/// <summary>Rules by the characters that their matches begin with: a path meets only those that it begins with itself.</summary>
internal sealed class PrefixTree
{
    private readonly Dictionary<(int Node, char Next), int> _edges = [];
    private readonly List<List<int>> _rules = [[]];

    public void Add(string prefix, int rule)
    {
        var node = 0;
        foreach (var c in prefix)
        {
            if (!_edges.TryGetValue((node, c), out var next))
            {
                next = _rules.Count;
                _rules.Add([]);
                _edges.Add((node, c), next);
            }
            node = next;
        }
        _rules[node].Add(rule);
    }

    public void Collect(string path, List<int> found)
    {
        var node = 0;
        found.AddRange(_rules[node]);
        foreach (var c in path)
        {
            if (!_edges.TryGetValue((node, c), out node))
                return;
            found.AddRange(_rules[node]);
        }
    }
}
