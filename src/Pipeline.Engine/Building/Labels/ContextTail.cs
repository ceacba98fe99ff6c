using System.Text;

namespace Pipeline.Engine.Building.Labels;

/// <summary>
/// What can be said of a pattern's matches without running it: most patterns are a literal beginning and one of a few
/// usual ends, and most others have a literal end. Regular expressions are dear to make, and a policy has thousands.
/// </summary>
/// <param name="Prefix">The characters that every match begins with.</param>
/// <param name="Suffix">Those that every match ends with; empty where unknown.</param>
internal sealed record ContextTail(string Prefix, ContextTail.Form Rest, string Suffix)
{
    private const string MetaCharacters = ".^$?*+|[](){}\\";

    /// <summary>What follows the prefix.</summary>
    public enum Form
    {
        Unknown,

        /// <summary><c>(/.*)?</c></summary>
        ItselfAndBelow,

        /// <summary><c>.*</c></summary>
        Anything,

        /// <summary><c>.+</c></summary>
        Something,

        /// <summary><c>[^/]*</c></summary>
        RestOfName,

        /// <summary><c>[^/]+</c></summary>
        SomeOfName,
    }

    public static ContextTail Of(string pattern)
    {
        var prefix = ContextPattern.LiteralPrefix(pattern);
        var form = RawRest(pattern, prefix.Length) switch
        {
            "(/.*)?" => Form.ItselfAndBelow,
            ".*" => Form.Anything,
            ".+" => Form.Something,
            "[^/]*" => Form.RestOfName,
            "[^/]+" => Form.SomeOfName,
            _ => Form.Unknown,
        };
        return new(prefix, form, form == Form.Unknown ? LiteralSuffix(pattern) : "");
    }

    /// <returns>Null where only the pattern itself can tell.</returns>
    public bool? Decides(string path)
    {
        if (!path.StartsWith(Prefix, StringComparison.Ordinal) || !path.EndsWith(Suffix, StringComparison.Ordinal))
            return false;
        var rest = path.AsSpan(Prefix.Length);
        return Rest switch
        {
            Form.ItselfAndBelow => rest.IsEmpty || rest[0] == '/',
            Form.Anything => true,
            Form.Something => !rest.IsEmpty,
            Form.RestOfName => !rest.Contains('/'),
            Form.SomeOfName => !rest.IsEmpty && !rest.Contains('/'),
            _ => null,
        };
    }

    /// <summary>What of the pattern stands behind so many literal characters; an escaped one is two.</summary>
    private static string RawRest(string pattern, int characters)
    {
        var at = 0;
        for (var i = 0; i < characters; i++)
            at += pattern[at] == '\\' ? 2 : 1;
        return pattern[at..];
    }

    /// <summary>Plain characters at the end, and escaped dots; nothing where an alternative may end otherwise.</summary>
    private static string LiteralSuffix(string pattern)
    {
        var suffix = new StringBuilder();
        var depth = 0;
        foreach (var c in pattern)
        {
            depth += c == '(' ? 1 : c == ')' ? -1 : 0;
            if (c == '|' && depth == 0)
                return "";
        }
        for (var i = pattern.Length - 1; i >= 0; i--)
        {
            var isEscapedDot = pattern[i] == '.' && i > 0 && pattern[i - 1] == '\\' && (i < 2 || pattern[i - 2] != '\\');
            if (isEscapedDot)
                suffix.Insert(0, pattern[i--]);
            else if (!MetaCharacters.Contains(pattern[i]) && (i == 0 || pattern[i - 1] != '\\'))
                suffix.Insert(0, pattern[i]);
            else
                break;
        }
        return suffix.ToString();
    }
}
