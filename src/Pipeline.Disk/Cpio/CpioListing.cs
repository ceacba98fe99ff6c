using System.Globalization;
using System.Text;

namespace Pipeline.Disk.Cpio;

/// <summary>
/// The names in one or several "newc" archives that lie one behind the other, as Linux reads them out of an initrd:
/// zeros between them are passed over. Contents are skipped. The input is hostile.
/// </summary>
public static class CpioListing
{
    private const int MagicBytes = 6;
    private const int HeaderBytes = 110;            // c_magic and thirteen numbers of eight hex digits
    private const int FileSizeField = 54;           // c_filesize
    private const int NameSizeField = 94;           // c_namesize, with its NUL
    private const int Alignment = 4;
    private const int MaxNameBytes = 4096;

    /// <summary>No initrd has nearly as many.</summary>
    public const int MaxEntries = 1 << 20;

    /// <summary>Zeros in one run: tools pad to their block, which is far shorter; they cost the sender nothing once packed.</summary>
    public const int MaxPaddingBytes = 64 << 20;

    private const int BufferBytes = 64 << 10;

    private static ReadOnlySpan<byte> Newc => "070701"u8;

    private static ReadOnlySpan<byte> NewcWithSums => "070702"u8;

    /// <param name="stream">Is read forwards, and further than what is told of it; stays open.</param>
    /// <param name="found">Gets each name as it is written in the archive, without the trailers.</param>
    /// <returns>How many bytes lie before the first that belongs to no archive; null where the stream ended first.</returns>
    /// <exception cref="InvalidDataException">An archive is damaged, or breaks off.</exception>
    public static long? Read(Stream stream, Action<string> found) => ReadBuffered(new BufferedStream(stream, BufferBytes), found);

    private static long? ReadBuffered(BufferedStream stream, Action<string> found)
    {
        var (position, entries) = (0L, 0);
        var header = new byte[HeaderBytes];
        var buffer = new byte[BufferBytes];
        while (true)
        {
            if (SkipZeroes(stream, header, ref position) is false)
                return null;
            var rest = stream.ReadAtLeast(header.AsSpan(1, MagicBytes - 1), MagicBytes - 1, throwOnEndOfStream: false);
            if (rest < MagicBytes - 1 || !(header.AsSpan(0, MagicBytes).SequenceEqual(Newc) || header.AsSpan(0, MagicBytes).SequenceEqual(NewcWithSums)))
                return position;
            ReadExactly(stream, header.AsSpan(MagicBytes));
            if (++entries > MaxEntries)
                throw new InvalidDataException($"it has more than {MaxEntries} entries");
            position += HeaderBytes;
            var name = ReadName(stream, Number(header, NameSizeField), buffer, ref position);
            Skip(stream, Number(header, FileSizeField), buffer, ref position);
            if (name != "TRAILER!!!")
                found(name);
        }
    }

    /// <summary>The first byte that is none is left in front of <paramref name="header"/>.</summary>
    private static bool SkipZeroes(Stream stream, byte[] header, ref long position)
    {
        for (var start = position; stream.Read(header, 0, 1) == 1; position++)
        {
            if (header[0] != 0)
                return true;
            if (position - start >= MaxPaddingBytes)
                throw new InvalidDataException($"more than {MaxPaddingBytes} zeros lie in a row");
        }
        return false;
    }

    private static string ReadName(Stream stream, uint count, byte[] buffer, ref long position)
    {
        if (count is 0 or > MaxNameBytes)
            throw new InvalidDataException($"a name has {count} bytes, expected 1 to {MaxNameBytes}");
        var name = buffer.AsSpan(0, (int)count);
        ReadExactly(stream, name);
        position += count;
        var text = Encoding.UTF8.GetString(name[..^1]);
        Align(stream, buffer, ref position);
        return text;
    }

    private static void Skip(Stream stream, long count, byte[] buffer, ref long position)
    {
        position += count;
        for (; count > 0; count -= Math.Min(count, buffer.Length))
            ReadExactly(stream, buffer.AsSpan(0, (int)Math.Min(count, buffer.Length)));
        Align(stream, buffer, ref position);
    }

    private static void Align(Stream stream, byte[] buffer, ref long position)
    {
        var count = (int)(-position & (Alignment - 1));
        ReadExactly(stream, buffer.AsSpan(0, count));
        position += count;
    }

    private static void ReadExactly(Stream stream, Span<byte> buffer)
    {
        if (stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false) < buffer.Length)
            throw new InvalidDataException("it breaks off in the middle of an entry");
    }

    private static uint Number(ReadOnlySpan<byte> header, int offset) =>
        uint.TryParse(header.Slice(offset, 8), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new InvalidDataException("a header has something else where a number was expected");
}
