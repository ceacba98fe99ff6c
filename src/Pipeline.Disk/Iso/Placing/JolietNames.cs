using System.Text;
using Pipeline.Core.Files;

namespace Pipeline.Disk.Iso.Placing;

/// <summary>
/// Names for Windows: UCS-2, at most 64 characters, each once in its directory. Links and devices have no place in Joliet
/// and are left out.
/// </summary>
internal static class JolietNames
{
    private const string Forbidden = "*/:;?\\";
    private const string Version = ";1";
    private const int MaxExtension = 16;

    public static IReadOnlyList<NamedEntry> Assign(IEnumerable<IsoEntry> entries)
    {
        var names = new UniqueNames(IsoFormat.MaxJolietName);
        var assigned = new List<(string Name, IsoEntry Entry)>();
        foreach (var entry in entries.Where(e => e.Node is RegularFile or DirectoryNode))
        {
            var (name, extension) = Split(Decode(entry.Name.Bytes), entry.Directory is not null);
            assigned.Add((names.Take(name, extension) + extension, entry));
        }
        return [.. assigned.OrderBy(a => a.Name, StringComparer.Ordinal)
            .Select(a => new NamedEntry(Encoding.BigEndianUnicode.GetBytes(a.Entry.Directory is null ? a.Name + Version : a.Name), a.Entry))];
    }

    /// <summary>One underscore for each character that is forbidden or beyond 16 bits, and for each byte that is no UTF-8.</summary>
    private static string Decode(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder();
        while (!bytes.IsEmpty)
        {
            var isGood = Rune.DecodeFromUtf8(bytes, out var rune, out var consumed) == System.Buffers.OperationStatus.Done;
            var fits = isGood && rune.IsBmp && rune.Value >= ' ' && !Forbidden.Contains((char)rune.Value);
            text.Append(fits ? (char)rune.Value : '_');
            bytes = bytes[(isGood ? consumed : 1)..];
        }
        return text.ToString();
    }

    /// <summary>The extension keeps its dot, and its end where the name must be cut.</summary>
    private static (string Name, string Extension) Split(string text, bool isDirectory)
    {
        var dot = isDirectory ? -1 : text.LastIndexOf('.');
        var extension = dot > 0 && text.Length - dot <= MaxExtension ? text[dot..] : "";
        var name = text[..^extension.Length];
        return (name[..Math.Min(name.Length, IsoFormat.MaxJolietName - extension.Length)], extension);
    }
}
