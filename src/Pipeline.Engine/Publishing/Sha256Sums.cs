using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Pipeline.Core.Units;

namespace Pipeline.Engine.Publishing;

/// <summary>
/// The <c>SHA256SUMS</c> of a release: <c>HEX *NAME</c> lines in binary form, sorted by name, itself not listed.
/// What <c>sha256sum -c</c> and systemd-sysupdate read.
/// </summary>
public static class Sha256Sums
{
    /// <summary>A list of thousands of files stays far below.</summary>
    public const int LimitBytes = 4 << 20;

    private const int HexDigits = 64;

    /// <param name="files">Names that <see cref="ReleaseNames"/> allows, so that nothing needs the backslash form.</param>
    public static byte[] Write(IEnumerable<(string Name, Digest Sha256)> files)
    {
        var text = new StringBuilder();
        foreach (var (name, digest) in files.OrderBy(f => f.Name, StringComparer.Ordinal))
            text.Append(digest.Hex).Append(" *").Append(name).Append('\n');
        return Encoding.ASCII.GetBytes(text.ToString());
    }

    /// <summary>Reads what <c>sha256sum</c> wrote, in binary or text form. Names in folders and with odd characters are passed over.</summary>
    /// <param name="problem">Which line is none; readable.</param>
    public static bool TryRead(string text, [NotNullWhen(true)] out ImmutableSortedDictionary<string, Digest>? sums, out string problem)
    {
        var read = ImmutableSortedDictionary.CreateBuilder<string, Digest>(StringComparer.Ordinal);
        (sums, problem) = (null, "");
        foreach (var (number, line) in text.Split('\n').Index())
        {
            if (line.Length == 0 || line[0] == '\\')
                continue;
            if (line.Length < HexDigits + 3 || line[HexDigits] != ' ' || line[HexDigits + 1] is not (' ' or '*')
                || !Digest.TryParse("sha256:" + line[..HexDigits].ToLowerInvariant(), out var digest))
            {
                problem = $"line {number + 1} is not '<64 hex digits>  <name>'";
                return false;
            }
            if (ReleaseNames.IsValid(line[(HexDigits + 2)..].TrimEnd('\r')))
                read[line[(HexDigits + 2)..].TrimEnd('\r')] = digest;
        }
        sums = read.ToImmutable();
        return true;
    }

    /// <summary>What <see cref="TryRead"/> passes over in a list that it reads: names in folders, and odd ones as the list has them.</summary>
    public static IEnumerable<string> PassedOver(string text) =>
        text.Split('\n').Where(l => l.Length > HexDigits + 2).Select(l => l[0] == '\\' ? l[(HexDigits + 3)..] : l[(HexDigits + 2)..]).Select(n => n.TrimEnd('\r')).Where(n => !ReleaseNames.IsValid(n));
}
