using System.Buffers.Binary;

namespace Pipeline.Oci.Layers;

/// <summary>
/// One 512-byte header of a tar as it lies in the buffer: v7, ustar (POSIX.1-1988) and GNU. Fields are read when asked for.
/// </summary>
internal readonly ref struct TarHeader(ReadOnlySpan<byte> block)
{
    public const int Bytes = 512;

    private readonly ReadOnlySpan<byte> _block = block;

    public ReadOnlySpan<byte> Name => Text(_block[..100]);

    public uint Mode => (uint)Number(_block.Slice(100, 8), "mode");

    public long Uid => Number(_block.Slice(108, 8), "uid");

    public long Gid => Number(_block.Slice(116, 8), "gid");

    public long Size => Number(_block.Slice(124, 12), "size");

    public long Mtime => Number(_block.Slice(136, 12), "mtime");

    public byte Type => _block[156];

    public ReadOnlySpan<byte> LinkName => Text(_block.Slice(157, 100));

    public long DeviceMajor => IsUstar || IsGnu ? Number(_block.Slice(329, 8), "devmajor") : 0;

    public long DeviceMinor => IsUstar || IsGnu ? Number(_block.Slice(337, 8), "devminor") : 0;

    /// <summary>What stands before the name: 155 bytes in ustar, 131 in star's form of it, nothing elsewhere.</summary>
    public ReadOnlySpan<byte> Prefix => !IsUstar ? [] : Text(_block.Slice(345, IsStar ? 131 : 155));

    /// <summary>Old GNU sparse: four extents of offset and length, twelve bytes each.</summary>
    public ReadOnlySpan<byte> SparseExtents => _block.Slice(386, 4 * 24);

    public bool HasMoreSparse => _block[482] != 0;

    public long SparseRealSize => Number(_block.Slice(483, 12), "realsize");

    private bool IsUstar => _block.Slice(257, 6).SequenceEqual("ustar\0"u8);

    private bool IsGnu => _block.Slice(257, 8).SequenceEqual("ustar  \0"u8);

    private bool IsStar => _block.Slice(508, 4).SequenceEqual("tar\0"u8);

    /// <summary>The sum of all bytes with the sum's own field taken as spaces; old tars added signed bytes.</summary>
    public bool IsChecksumRight
    {
        get
        {
            var unsigned = 8 * ' ';
            var high = 0;
            for (var i = 0; i < Bytes; i++)
            {
                if (i is >= 148 and < 156)
                    continue;
                unsigned += _block[i];
                high += _block[i] >> 7;
            }
            var stated = TryNumber(_block.Slice(148, 8));
            return stated == unsigned || stated == unsigned - (256 * high);
        }
    }

    /// <summary>A number in octal digits, or in base 256 when the first bit is set (GNU; two's complement).</summary>
    public static long Number(ReadOnlySpan<byte> field, string name) =>
        TryNumber(field) ?? throw new InvalidDataException($"a tar header has something else than a number as its {name}");

    private static long? TryNumber(ReadOnlySpan<byte> field) => (field[0] & 0x80) != 0 ? Base256(field) : Octal(field);

    private static long? Octal(ReadOnlySpan<byte> field)
    {
        field = Text(field).Trim((byte)' ');
        var value = 0L;
        foreach (var digit in field)
        {
            if (digit is < (byte)'0' or > (byte)'7')
                return null;
            value = (value << 3) | (uint)(digit - '0');
        }
        return value;
    }

    private static long? Base256(ReadOnlySpan<byte> field)
    {
        Span<byte> bytes = stackalloc byte[12];
        var isNegative = (field[0] & 0x40) != 0;
        bytes.Fill(isNegative ? (byte)0xFF : (byte)0);
        field.CopyTo(bytes[^field.Length..]);
        bytes[^field.Length] = (byte)(isNegative ? field[0] | 0x80 : field[0] & 0x7F);
        var value = BinaryPrimitives.ReadInt64BigEndian(bytes[4..]);
        var fits = !bytes[..4].ContainsAnyExcept(isNegative ? (byte)0xFF : (byte)0) && value < 0 == isNegative;
        return fits ? value : null;
    }

    private static ReadOnlySpan<byte> Text(ReadOnlySpan<byte> field)
    {
        var end = field.IndexOf((byte)0);
        return end < 0 ? field : field[..end];
    }
}
