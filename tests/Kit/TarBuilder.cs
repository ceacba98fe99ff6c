using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Pipeline.Core.Files;

namespace Pipeline.Kit;

/// <summary>Which words a tar is written in; the meaning is the same as far as the dialect can say it.</summary>
public enum TarDialect
{
    Ustar,
    Gnu,
    Pax,
}

public enum SparseForm
{
    OldGnu,
    Pax00,
    Pax01,
    Pax10,
}

/// <summary>One entry to be written. Paths are text here; <see cref="RawPath"/> is for bytes that are none.</summary>
public sealed record TarItem(string Path, char Type = '0')
{
    public byte[]? RawPath { get; init; }

    public byte[] Content { get; init; } = [];

    public string Link { get; init; } = "";

    public int Mode { get; init; } = 0b110_100_100;

    public long Uid { get; init; }

    public long Gid { get; init; }

    public UnixTime Mtime { get; init; } = new(1_700_000_000);

    public long Major { get; init; }

    public long Minor { get; init; }

    public (string Name, byte[] Value)[] Xattrs { get; init; } = [];

    /// <summary>More lines of the extended header, whatever the dialect.</summary>
    public (string Key, byte[] Value)[] Records { get; init; } = [];
}

/// <summary>Writes tars by hand, also such as no tool would write. Written from the formats' descriptions, apart from the reader.</summary>
public sealed class TarBuilder(TarDialect dialect = TarDialect.Pax)
{
    private const int Block = 512;
    private readonly MemoryStream _tar = new();

    public TarBuilder Directory(string path, int mode = 0b111_101_101, int uid = 0) => Add(new TarItem(path, '5') { Mode = mode, Uid = uid });

    public TarBuilder File(string path, string content, int mode = 0b110_100_100) =>
        Add(new TarItem(path) { Content = Encoding.UTF8.GetBytes(content), Mode = mode });

    public TarBuilder SymbolicLink(string path, string target) => Add(new TarItem(path, '2') { Link = target, Mode = 0b111_111_111 });

    public TarBuilder HardLink(string path, string target) => Add(new TarItem(path, '1') { Link = target });

    public TarBuilder Whiteout(string path) =>
        Add(new TarItem(path.Contains('/') ? path.Insert(path.LastIndexOf('/') + 1, ".wh.") : ".wh." + path));

    public TarBuilder Opaque(string directory) => Add(new TarItem(directory + "/.wh..wh..opq"));

    public TarBuilder Add(TarItem item)
    {
        var records = new List<(string, byte[])>(item.Records);
        records.AddRange(item.Xattrs.Select(x => ("SCHILY.xattr." + x.Name, x.Value)));
        var header = Header(item, records);
        if (records.Count > 0)
            Extended('x', Records(records));
        Write(header);
        Data(item.Content);
        return this;
    }

    public TarBuilder Global(params (string Key, byte[] Value)[] records)
    {
        Extended('g', Records(records));
        return this;
    }

    /// <summary>Any bytes at all: what the callers think a tar might hold.</summary>
    public TarBuilder Raw(params byte[] bytes)
    {
        Write(bytes);
        return this;
    }

    /// <summary>A sparse file; the runs' data come from <paramref name="data"/> at the runs' own offsets.</summary>
    public TarBuilder Sparse(SparseForm form, TarItem item, byte[] data, (long Offset, long Length)[] runs)
    {
        var packed = runs.SelectMany(r => data[(int)r.Offset..(int)(r.Offset + r.Length)]).ToArray();
        (long Offset, long Length)[] all = [.. runs, (data.Length, 0)];
        switch (form)
        {
            case SparseForm.OldGnu:
                OldGnuSparse(item, packed, data.Length, all);
                break;
            case SparseForm.Pax00:
                Add(item with { Content = packed, Records = [("GNU.sparse.size", Number(data.Length)), ("GNU.sparse.numblocks", Number(all.Length)),
                    .. all.SelectMany(r => new[] { ("GNU.sparse.offset", Number(r.Offset)), ("GNU.sparse.numbytes", Number(r.Length)) })] });
                break;
            case SparseForm.Pax01:
                Add(item with { Path = "GNUSparseFile.0/x", Content = packed, Records = [("GNU.sparse.size", Number(data.Length)), ("GNU.sparse.numblocks", Number(all.Length)),
                    ("GNU.sparse.name", Utf8(item.Path)), ("GNU.sparse.map", Utf8(string.Join(',', all.Select(r => $"{r.Offset},{r.Length}"))))] });
                break;
            default:
                var map = Utf8($"{all.Length}\n" + string.Concat(all.Select(r => $"{r.Offset}\n{r.Length}\n")));
                Array.Resize(ref map, (map.Length + Block - 1) / Block * Block);
                Add(item with { Path = "GNUSparseFile.0/x", Content = [.. map, .. packed], Records = [("GNU.sparse.major", Utf8("1")), ("GNU.sparse.minor", Utf8("0")),
                    ("GNU.sparse.name", Utf8(item.Path)), ("GNU.sparse.realsize", Number(data.Length))] });
                break;
        }
        return this;
    }

    /// <summary>The tar with its two zero blocks.</summary>
    public byte[] ToArray() => [.. _tar.ToArray(), .. new byte[2 * Block]];

    /// <summary>The tar as far as it was written, without an end.</summary>
    public byte[] ToArrayWithoutEnd() => _tar.ToArray();

    private void OldGnuSparse(TarItem item, byte[] packed, long realSize, (long Offset, long Length)[] runs)
    {
        var header = Header(item with { Type = 'S', Content = packed }, []);
        "ustar  \0"u8.CopyTo(header.AsSpan(257));   // only GNU's own headers have room for runs
        WriteRuns(header, 386, runs.Take(4));
        header[482] = (byte)(runs.Length > 4 ? 1 : 0);
        Octal(header, 483, 12, realSize);
        Seal(header);
        Write(header);
        for (var rest = runs.Skip(4).ToArray(); rest.Length > 0; rest = [.. rest.Skip(21)])
        {
            var block = new byte[Block];
            WriteRuns(block, 0, rest.Take(21));
            block[504] = (byte)(rest.Length > 21 ? 1 : 0);
            Write(block);
        }
        Data(packed);
    }

    private static void WriteRuns(byte[] block, int at, IEnumerable<(long Offset, long Length)> runs)
    {
        foreach (var (offset, length) in runs)
        {
            Octal(block, at, 12, offset);
            Octal(block, at + 12, 12, length);
            at += 24;
        }
    }

    private byte[] Header(TarItem item, List<(string, byte[])> records)
    {
        var header = new byte[Block];
        Name(header, item.RawPath ?? Utf8(item.Path), records);
        Link(header, Utf8(item.Link), records);
        Field(header, 100, 8, item.Mode, null, records);
        Field(header, 108, 8, item.Uid, "uid", records);
        Field(header, 116, 8, item.Gid, "gid", records);
        Field(header, 124, 12, item.Content.Length, "size", records);
        if (item.Mtime.Nanoseconds != 0 && dialect == TarDialect.Pax)
            records.Add(("mtime", Utf8(Decimal(item.Mtime))));
        Field(header, 136, 12, item.Mtime.Seconds, "mtime", records);
        header[156] = (byte)item.Type;
        (dialect == TarDialect.Gnu ? "ustar  \0"u8 : "ustar\000"u8).CopyTo(header.AsSpan(257));
        Field(header, 329, 8, item.Major, null, records);
        Field(header, 337, 8, item.Minor, null, records);
        Seal(header);
        return header;
    }

    private void Name(byte[] header, byte[] path, List<(string, byte[])> records)
    {
        var slash = path.Length <= 100 ? -1 : Array.FindIndex(path, path.Length - 101, b => b == '/');
        if (path.Length <= 100)
        {
            path.CopyTo(header, 0);
        }
        else if (dialect == TarDialect.Gnu)
        {
            Extended('L', [.. path, 0]);
            path.AsSpan(0, 100).CopyTo(header);
        }
        else if (slash is > 0 and <= 155)
        {
            path.AsSpan(0, slash).CopyTo(header.AsSpan(345));
            path.AsSpan(slash + 1).CopyTo(header);
        }
        else
        {
            records.Add(("path", path));
        }
    }

    private void Link(byte[] header, byte[] link, List<(string, byte[])> records)
    {
        if (link.Length > 100 && dialect == TarDialect.Gnu)
            Extended('K', [.. link, 0]);
        else if (link.Length > 100)
            records.Add(("linkpath", link));
        link.AsSpan(0, Math.Min(100, link.Length)).CopyTo(header.AsSpan(157));
    }

    private void Field(byte[] header, int at, int width, long value, string? key, List<(string, byte[])> records)
    {
        if (value >= 0 && value < 1L << (3 * (width - 1)))
        {
            Octal(header, at, width, value);
        }
        else if (dialect == TarDialect.Gnu || key is null)
        {
            Span<byte> number = stackalloc byte[16];
            BinaryPrimitives.WriteInt128BigEndian(number, value);
            number[^width..].CopyTo(header.AsSpan(at));
            header[at] |= 0x80;
        }
        else
        {
            Octal(header, at, width, 0);
            if (records.TrueForAll(r => r.Item1 != key))
                records.Add((key, Number(value)));
        }
    }

    private void Extended(char type, byte[] text)
    {
        var header = new byte[Block];
        "././@Extended"u8.CopyTo(header);
        Octal(header, 100, 8, 0b110_100_100);
        Octal(header, 124, 12, text.Length);
        header[156] = (byte)type;
        (dialect == TarDialect.Gnu ? "ustar  \0"u8 : "ustar\000"u8).CopyTo(header.AsSpan(257));
        Seal(header);
        Write(header);
        Data(text);
    }

    private static byte[] Records(IEnumerable<(string Key, byte[] Value)> records)
    {
        var text = new MemoryStream();
        foreach (var (key, value) in records)
        {
            var rest = Encoding.UTF8.GetByteCount(key) + value.Length + 3;
            var length = rest + rest.ToString(CultureInfo.InvariantCulture).Length;
            length = rest + length.ToString(CultureInfo.InvariantCulture).Length;
            text.Write(Utf8($"{length} {key}="));
            text.Write(value);
            text.WriteByte((byte)'\n');
        }
        return text.ToArray();
    }

    /// <summary>Writes the header's checksum; for headers that were changed by hand.</summary>
    public static void Seal(byte[] header)
    {
        header.AsSpan(148, 8).Fill((byte)' ');
        var sum = header.Sum(b => b);
        Utf8(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ").CopyTo(header, 148);
    }

    private static void Octal(byte[] header, int at, int width, long value) =>
        Utf8(Convert.ToString(value, 8).PadLeft(width - 1, '0')).CopyTo(header, at);

    private static string Decimal(UnixTime time)
    {
        var nanoseconds = (time.Seconds * (Int128)1_000_000_000) + time.Nanoseconds;
        var size = Int128.Abs(nanoseconds);
        return $"{(nanoseconds < 0 ? "-" : "")}{size / 1_000_000_000}.{(long)(size % 1_000_000_000):d9}";
    }

    private static byte[] Number(long value) => Utf8(value.ToString(CultureInfo.InvariantCulture));

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    private void Data(byte[] bytes)
    {
        Write(bytes);
        Write(new byte[-bytes.Length & (Block - 1)]);
    }

    private void Write(byte[] bytes) => _tar.Write(bytes);
}
