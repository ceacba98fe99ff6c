using System.Text;
using Pipeline.Core.Files;

namespace Pipeline.Engine.Inventories;

/// <summary>Files of databases inside a tree. Links are resolved in the tree; what is too large is refused, not cut.</summary>
internal static class DatabaseFile
{
    /// <summary>The largest text database seen is one of 6 MiB, of a desktop with everything.</summary>
    public const int TextLimitBytes = 64 << 20;

    public static RegularFile? Find(FileTree tree, string path) => tree.Find(path) as RegularFile;

    /// <summary>Bytes that are not UTF-8 become replacement characters: descriptions of old packages may be Latin-1.</summary>
    /// <exception cref="InvalidDataException">It is too large.</exception>
    public static string ReadText(RegularFile file, int limitBytes = TextLimitBytes) => Encoding.UTF8.GetString(file.Content.ReadAll(limitBytes));

    /// <summary>Lines end with LF and nothing else; a CR in front of it goes with it.</summary>
    public static IEnumerable<ReadOnlyMemory<char>> Lines(string text)
    {
        var rest = text.AsMemory();
        while (!rest.IsEmpty)
        {
            var end = rest.Span.IndexOf('\n');
            var line = end < 0 ? rest : rest[..end];
            rest = end < 0 ? default : rest[(end + 1)..];
            yield return line.Span.EndsWith("\r") ? line[..^1] : line;
        }
    }

    /// <summary>The first bytes, fewer where the file is shorter.</summary>
    public static byte[] ReadStart(RegularFile file, int count)
    {
        var start = new byte[count];
        return start[..file.Content.Read(0, start)];
    }
}
