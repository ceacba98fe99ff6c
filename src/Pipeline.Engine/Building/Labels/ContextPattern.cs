using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Pipeline.Engine.Building.Labels;

/// <summary>
/// A regular expression of a <c>file_contexts</c> in .NET's words. They are PCRE over bytes; here bytes are Latin-1
/// characters, and matching takes time in proportion to the path whatever the expression, because it comes from a stranger.
/// </summary>
internal static class ContextPattern
{
    public const int MaxLength = 2000;

    /// <summary>A counted repetition unfolds to so many states; policies use small numbers.</summary>
    private const int MaxRepeats = 64;

    private const string MetaCharacters = ".^$?*+|[({";
    private const string Letters = "A-Za-z";

    private static readonly Dictionary<string, string> PosixClasses = new(StringComparer.Ordinal)
    {
        ["alnum"] = Letters + "0-9", ["alpha"] = Letters, ["digit"] = "0-9", ["lower"] = "a-z", ["upper"] = "A-Z", ["xdigit"] = "0-9A-Fa-f",
        ["space"] = @" \t\n\v\f\r", ["blank"] = @" \t", ["punct"] = @"!-/:-@\[-`{-~", ["word"] = Letters + "0-9_",
    };

    /// <summary>Whether anything but the characters themselves is meant (libselinux, <c>spec_hasMetaChars</c>).</summary>
    public static bool HasMetaCharacters(string pattern)
    {
        for (var i = 0; i < pattern.Length; i++)
        {
            if (pattern[i] == '\\')
                i++;
            else if (MetaCharacters.Contains(pattern[i]))
                return true;
        }
        return false;
    }

    /// <summary>The characters that every match begins with. The last one counts only if no repetition follows it.</summary>
    public static string LiteralPrefix(string pattern)
    {
        // An alternative may begin with anything.
        if (pattern.Contains('|') && !IsInsideGroup(pattern))
            return "";
        var prefix = new StringBuilder();
        for (var i = 0; i < pattern.Length; i++)
        {
            var last = prefix.Length;
            if (pattern[i] == '\\' && i + 1 < pattern.Length && !char.IsAsciiLetterOrDigit(pattern[i + 1]))
                prefix.Append(pattern[++i]);
            else if (pattern[i] != '\\' && !MetaCharacters.Contains(pattern[i]))
                prefix.Append(pattern[i]);
            else
                break;
            if (i + 1 < pattern.Length && pattern[i + 1] is '?' or '*' or '{')
            {
                prefix.Length = last;
                break;
            }
        }
        return prefix.ToString();
    }

    /// <summary>Whether every '|' stands between parentheses.</summary>
    private static bool IsInsideGroup(string pattern)
    {
        var depth = 0;
        for (var i = 0; i < pattern.Length; i++)
        {
            switch (pattern[i])
            {
                case '\\':
                    i++;
                    break;
                case '(':
                    depth++;
                    break;
                case ')':
                    depth--;
                    break;
                case '|' when depth == 0:
                    return false;
            }
        }
        return true;
    }

    /// <summary>The path that a pattern without meta characters stands for.</summary>
    public static string Literal(string pattern) => Unescaped(pattern);

    /// <exception cref="NotSupportedException">It has something that cannot be matched in bounded time, or is no expression.</exception>
    public static Regex Compile(string pattern)
    {
        if (pattern.Length > MaxLength)
            throw new NotSupportedException($"it is longer than {MaxLength} characters");
        try
        {
            return new Regex(
                // As libselinux writes it: of an alternative outside of parentheses only the first has the beginning, only the last the end.
                $@"\A{Translate(pattern)}\z",
                RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.Singleline | RegexOptions.ExplicitCapture);
        }
        catch (ArgumentException e)
        {
            throw new NotSupportedException(e.Message, e);
        }
    }

    private static string Translate(string pattern)
    {
        var text = new StringBuilder();
        for (var i = 0; i < pattern.Length; i++)
        {
            switch (pattern[i])
            {
                case '\\':
                    text.Append(Escape(pattern, ref i, inClass: false));
                    break;
                case '[':
                    AppendClass(text, pattern, ref i);
                    break;
                case '{':
                    CheckRepeats(pattern, i);
                    text.Append('{');
                    break;
                case '$':
                    text.Append(@"\z");
                    break;
                default:
                    text.Append(pattern[i]);
                    break;
            }
        }
        return text.ToString();
    }

    private static void CheckRepeats(string pattern, int at)
    {
        var end = pattern.IndexOf('}', at);
        foreach (var number in (end < 0 ? "" : pattern[(at + 1)..end]).Split(','))
        {
            if (number.Length > 0 && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > MaxRepeats)
                throw new NotSupportedException($"it repeats more than {MaxRepeats} times");
        }
    }

    private static string Escape(string pattern, ref int i, bool inClass)
    {
        if (++i >= pattern.Length)
            throw new NotSupportedException("it ends with a backslash");
        var escaped = pattern[i];
        if (!char.IsAsciiLetterOrDigit(escaped))
            return Literally(escaped);
        var set = escaped switch { 'd' => PosixClasses["digit"], 'w' => PosixClasses["word"], 's' => PosixClasses["space"], _ => null };
        if (set is not null)
            return inClass ? set : $"[{set}]";
        return escaped is 't' or 'n' or 'r' or 'f' ? $"\\{escaped}" : throw new NotSupportedException($"it has \\{escaped}");
    }

    private static void AppendClass(StringBuilder text, string pattern, ref int i)
    {
        text.Append('[');
        if (i + 1 < pattern.Length && pattern[i + 1] == '^')
            text.Append(pattern[++i]);
        var isFirst = true;
        for (i++; i < pattern.Length && (pattern[i] != ']' || isFirst); i++, isFirst = false)
        {
            if (pattern[i] == '\\')
                text.Append(Escape(pattern, ref i, inClass: true));
            else if (pattern[i] == '[' && i + 1 < pattern.Length && pattern[i + 1] == ':')
                text.Append(PosixClass(pattern, ref i));
            else
                text.Append(pattern[i] is '[' or ']' or '^' ? Literally(pattern[i]) : pattern[i].ToString());
        }
        if (i >= pattern.Length)
            throw new NotSupportedException("a bracket is not closed");
        text.Append(']');
    }

    private static string PosixClass(string pattern, ref int i)
    {
        var end = pattern.IndexOf(":]", i, StringComparison.Ordinal);
        var name = end < 0 ? "" : pattern[(i + 2)..end];
        i = end + 1;
        return PosixClasses.GetValueOrDefault(name) ?? throw new NotSupportedException($"it has the class '{name}'");
    }

    private static string Literally(char c) => $@"\u{(int)c:x4}";

    private static string Unescaped(string pattern)
    {
        var text = new StringBuilder();
        for (var i = 0; i < pattern.Length; i++)
        {
            if (pattern[i] == '\\' && i + 1 < pattern.Length)
                i++;
            text.Append(pattern[i]);
        }
        return text.ToString();
    }
}
