using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using Pipeline.Core.Compression;
using Pipeline.Core.Files;
using Pipeline.Core.Hashing;

namespace Pipeline.Oci.Storing;

/// <summary>
/// The recipe of a layer's tar (tar-split, JSON lines, packed with gzip): headers and padding as they are, and for each
/// content between them the name of the file that has it, its length and its CRC-64. What has no file of its own lies in it whole.
/// </summary>
internal static class TarSplitRecipe
{
    private const int FileEntry = 1;
    private const int SegmentEntry = 2;

    /// <summary>Readers take a line at once.</summary>
    private const int SegmentBytes = 1 << 20;
    private const int BufferBytes = 256 << 10;

    private static readonly Encoding StrictUtf8 = new UTF8Encoding(false, throwOnInvalidBytes: true);

    private sealed record Run(long OffsetBytes, long LengthBytes, byte[] Path);

    /// <param name="files">The layer's directory, whose files are contents of <paramref name="layer"/>.</param>
    public static void Write(PlainLayer layer, FileTree files, Stream output, CancellationToken ct)
    {
        using var packed = Compression.OpenEncoder(CompressionKind.Gzip, output, new(null, 1));
        var position = 0L;
        var count = 0;
        foreach (var run in Runs(layer, files))
        {
            ct.ThrowIfCancellationRequested();
            WriteSegments(packed, layer.Tar, (position, run.OffsetBytes), ref count);
            WriteFile(packed, run, Checksum(layer.Tar, run), count++);
            position = run.OffsetBytes + run.LengthBytes;
        }
        WriteSegments(packed, layer.Tar, (position, layer.Tar.LengthBytes), ref count);
    }

    /// <summary>In the order of the tar: the runs of it that are the whole content of a file in the directory.</summary>
    private static IEnumerable<Run> Runs(PlainLayer layer, FileTree files)
    {
        var paths = new Dictionary<FileNode, byte[]>(ReferenceEqualityComparer.Instance);
        Collect(files.Root, [], paths);
        return
            from entry in layer.Index.Entries
            where entry.Node is RegularFile { Content: { IsSparse: false, LengthBytes: > 0 } }
            let content = ((RegularFile)entry.Node!).Content
            where ReferenceEquals(content.Source, layer.Tar.Source) && paths.ContainsKey(entry.Node!)
            select new Run(content.Extents[0].SourceOffset, content.LengthBytes, paths[entry.Node!]);
    }

    private static void Collect(DirectoryNode directory, byte[] path, Dictionary<FileNode, byte[]> paths)
    {
        foreach (var (name, child) in directory.Children)
        {
            byte[] place = path.Length == 0 ? [.. name.Bytes] : [.. path, (byte)'/', .. name.Bytes];
            if (child is DirectoryNode below)
                Collect(below, place, paths);
            else if (child is RegularFile)
                paths.TryAdd(child, place);
        }
    }

    private static ulong Checksum(FileContent tar, Run run)
    {
        var buffer = new byte[Math.Min(BufferBytes, run.LengthBytes)];
        var crc = 0UL;
        for (var done = 0L; done < run.LengthBytes;)
        {
            var piece = buffer.AsSpan(0, (int)Math.Min(buffer.Length, run.LengthBytes - done));
            tar.Read(run.OffsetBytes + done, piece);
            crc = Crc64.Append(crc, piece);
            done += piece.Length;
        }
        return crc;
    }

    private static void WriteSegments(Stream output, FileContent tar, (long Begin, long End) range, ref int count)
    {
        for (var begin = range.Begin; begin < range.End; begin += SegmentBytes)
        {
            var bytes = new byte[Math.Min(SegmentBytes, range.End - begin)];
            tar.Read(begin, bytes);
            var position = count++;
            WriteLine(output, json =>
            {
                json.WriteNumber("type", SegmentEntry);
                json.WriteBase64String("payload", bytes);
                json.WriteNumber("position", position);
            });
        }
    }

    private static void WriteFile(Stream output, Run run, ulong crc, int position) => WriteLine(output, json =>
    {
        var sum = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(sum, crc);
        json.WriteNumber("type", FileEntry);
        if (Text(run.Path) is { } name)
            json.WriteString("name", name);
        else
            json.WriteBase64String("name_raw", run.Path);
        json.WriteNumber("size", run.LengthBytes);
        json.WriteBase64String("payload", sum);
        json.WriteNumber("position", position);
    });

    private static string? Text(byte[] path)
    {
        try
        {
            return StrictUtf8.GetString(path);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    private static void WriteLine(Stream output, Action<Utf8JsonWriter> write)
    {
        using var line = new MemoryStream();
        using (var json = new Utf8JsonWriter(line))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }
        line.WriteByte((byte)'\n');
        output.Write(line.GetBuffer().AsSpan(0, (int)line.Length));
    }
}
