using System.Collections.Frozen;

namespace Pipeline.Engine.Publishing.Sboms;

/// <summary>
/// Whether a packager's words are an SPDX expression. Only of licences that are common in distributions: words that are not
/// known are handed on as words, which is always right.
/// </summary>
internal static class LicenseExpression
{
    private static readonly FrozenSet<string> Licences = FrozenSet.Create(
        StringComparer.Ordinal,
        "0BSD", "AFL-2.1", "AGPL-3.0-only", "AGPL-3.0-or-later", "Apache-1.1", "Apache-2.0", "Artistic-1.0-Perl", "Artistic-2.0", "BSD-1-Clause", "BSD-2-Clause", "BSD-3-Clause",
        "BSD-4-Clause", "BSL-1.0", "bzip2-1.0.6", "CC-BY-3.0", "CC-BY-4.0", "CC-BY-SA-3.0", "CC-BY-SA-4.0", "CC0-1.0", "CDDL-1.0", "curl", "EPL-1.0", "EPL-2.0", "FSFAP", "FSFUL", "FSFULLR", "FTL",
        "GFDL-1.1-or-later", "GFDL-1.2-or-later", "GFDL-1.3-or-later", "GPL-1.0-or-later", "GPL-2.0-only", "GPL-2.0-or-later", "GPL-3.0-only", "GPL-3.0-or-later", "HPND", "ICU", "IJG", "ISC",
        "LGPL-2.0-only", "LGPL-2.0-or-later", "LGPL-2.1-only", "LGPL-2.1-or-later", "LGPL-3.0-only", "LGPL-3.0-or-later", "libpng-2.0", "libtiff", "MIT", "MIT-0", "MPL-1.1", "MPL-2.0", "NCSA", "NTP",
        "OFL-1.1", "OpenSSL", "PSF-2.0", "Python-2.0", "Python-2.0.1", "Ruby", "SGI-B-2.0", "Sleepycat", "TCL", "Unicode-3.0", "Unicode-DFS-2016", "Unlicense", "Vim", "W3C", "WTFPL", "X11", "Zlib", "ZPL-2.1");

    private static readonly FrozenSet<string> Exceptions = FrozenSet.Create(
        StringComparer.Ordinal,
        "Autoconf-exception-3.0", "Bison-exception-2.2", "Classpath-exception-2.0", "GCC-exception-2.0", "GCC-exception-3.1", "Linux-syscall-note", "LLVM-exception", "openvpn-openssl-exception", "u-boot-exception-2.0");

    /// <summary>Identifiers of licences and exceptions.</summary>
    internal static IEnumerable<string> Known => Licences.Concat(Exceptions);

    /// <summary>A walk over the words: operand, operator, operand; parentheses that match.</summary>
    public static bool IsKnown(string text)
    {
        var (depth, wantsOperand, wantsException) = (0, true, false);
        foreach (var word in text.Replace("(", " ( ", StringComparison.Ordinal).Replace(")", " ) ", StringComparison.Ordinal).Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (wantsException ? !Exceptions.Contains(word) : wantsOperand ? !(word == "(" || Licences.Contains(word)) : word is not ("AND" or "OR" or "WITH" or ")"))
                return false;
            depth += word == "(" ? 1 : word == ")" ? -1 : 0;
            if (depth < 0)
                return false;
            (wantsOperand, wantsException) = (word is "(" or "AND" or "OR", word == "WITH");
        }
        return depth == 0 && !wantsOperand && !wantsException;
    }
}
