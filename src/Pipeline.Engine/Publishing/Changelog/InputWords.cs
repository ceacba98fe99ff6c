using System.Collections.Immutable;
using System.Text;
using System.Text.RegularExpressions;

namespace Pipeline.Engine.Publishing.Changelog;

/// <summary>
/// The names of inputs in words: <c>board.partitions[1].size</c> is <c>partition 'root': size</c>. Plain text, to be escaped.
/// </summary>
internal static partial class InputWords
{
    /// <summary>What the first words of a name are called; the longest fits.</summary>
    private static readonly ImmutableArray<(string Prefix, string Words)> Subjects =
    [
        ("board.table", "partition table"),
        ("board.boot", "boot"),
        ("board", "board"),
        ("customize", ""),
        ("output", "output"),
        ("engine", "engine"),
        ("source", "source"),
    ];

    /// <param name="values">Old or new values by name: lists are told by the names in them.</param>
    public static string Of(string input, Func<string, string?> values)
    {
        var match = Element().Match(input);
        if (match.Success)
            return Join($"{Singular(match.Groups["list"].Value)} {NameOf(match, values)}", match.Groups["rest"].Value);
        foreach (var (prefix, words) in Subjects)
        {
            if (input.StartsWith(prefix + ".", StringComparison.Ordinal))
                return Join(words, input[(prefix.Length + 1)..]);
        }
        return Words(input);
    }

    private static string NameOf(Match match, Func<string, string?> values)
    {
        var index = match.Groups["index"].Value;
        if (!int.TryParse(index, out var number))
            return index;
        return values($"{match.Groups["whole"].Value}.name") is { Length: > 0 } name ? $"'{name}'" : $"{number + 1}";
    }

    private static string Singular(string list) => list switch
    {
        "partitions" => "partition",
        "blobs" => "blob",
        "users" => "user",
        "files" => "file",
        "hybrid" => "hybrid entry",
        _ => Words(list),
    };

    private static string Join(string subject, string rest) =>
        subject.Length == 0 ? Words(rest) : rest.Length == 0 ? subject : $"{subject}: {Words(rest)}";

    /// <summary><c>sshKeys[0]</c> is <c>ssh keys 1</c>, <c>kernelArguments</c> is <c>kernel arguments</c>.</summary>
    private static string Words(string name)
    {
        var words = new StringBuilder();
        foreach (var c in Index().Replace(name, m => $" {int.Parse(m.Groups[1].ValueSpan, System.Globalization.CultureInfo.InvariantCulture) + 1L}"))
        {
            if (char.IsAsciiLetterUpper(c))
                words.Append(' ').Append(char.ToLowerInvariant(c));
            else
                words.Append(c is '.' or '-' ? ' ' : c);
        }
        return words.ToString().Trim();
    }

    [GeneratedRegex(@"^(?<whole>(\w+\.)*(?<list>\w+)\[(?<index>\d+|/.*)\])(\.(?<rest>.*))?$", RegexOptions.ExplicitCapture)]
    private static partial Regex Element();

    [GeneratedRegex(@"\[(\d{1,9})\]")]
    private static partial Regex Index();
}
