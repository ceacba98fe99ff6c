using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Pipeline.Core.Files;

namespace Pipeline.Oci.Layers;

/// <summary>
/// What extended headers said about the next entry: POSIX.1-2001 <c>pax</c>, with the keywords of GNU tar, star and
/// libarchive that matter for a file system. A value that is null was not said.
/// </summary>
internal sealed class PaxRecords
{
    private const string StarXattr = "SCHILY.xattr.";
    private const string LibarchiveXattr = "LIBARCHIVE.xattr.";
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public byte[]? Path { get; set; }

    public byte[]? LinkPath { get; set; }

    public long? Size { get; private set; }

    public long? Uid { get; private set; }

    public long? Gid { get; private set; }

    public UnixTime? Mtime { get; private set; }

    /// <summary>By name, in no order; null where there are none.</summary>
    public Dictionary<string, byte[]>? Xattrs { get; private set; }

    /// <summary>GNU.sparse 0.0, 0.1 and 1.0; null for a file that is not sparse.</summary>
    public PaxSparse? Sparse { get; private set; }

    public PaxRecords Clone()
    {
        var copy = (PaxRecords)MemberwiseClone();
        copy.Xattrs = Xattrs is null ? null : new(Xattrs);
        copy.Sparse = null;
        return copy;
    }

    /// <summary>Takes a whole header: lines of <c>length key=value\n</c>, where the value may hold any byte.</summary>
    /// <exception cref="InvalidDataException">It is not of that form, or a number is none.</exception>
    public void Add(ReadOnlySpan<byte> header)
    {
        while (!header.IsEmpty)
        {
            var digits = header.IndexOf((byte)' ');
            if (digits is < 1 or > 10 || !Utf8Parser.TryParse(header[..digits], out int length, out var used) || used != digits
                || length <= digits + 2 || length > header.Length || header[length - 1] != (byte)'\n')
                throw new InvalidDataException("an extended header has a line whose length is wrong");
            var line = header[(digits + 1)..(length - 1)];
            var equals = line.IndexOf((byte)'=');
            if (equals < 1)
                throw new InvalidDataException("an extended header has a line without a keyword");
            Set(line[..equals], line[(equals + 1)..]);
            header = header[length..];
        }
    }

    private void Set(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (key.SequenceEqual("path"u8))
            Path = Bytes(value);
        else if (key.SequenceEqual("linkpath"u8))
            LinkPath = Bytes(value);
        else if (key.SequenceEqual("size"u8))
            Size = Number(value);
        else if (key.SequenceEqual("uid"u8))
            Uid = Number(value);
        else if (key.SequenceEqual("gid"u8))
            Gid = Number(value);
        else if (key.SequenceEqual("mtime"u8))
            Mtime = value.IsEmpty ? null : Time(value);
        else if (key.StartsWith("GNU.sparse."u8))
            (Sparse ??= new()).Set(key["GNU.sparse.".Length..], value);
        else if (key.StartsWith("SCHILY.xattr."u8) || key.StartsWith("LIBARCHIVE.xattr."u8))
            SetXattr(Text(key), value);
    }

    private void SetXattr(string key, ReadOnlySpan<byte> value)
    {
        var isRaw = key.StartsWith(StarXattr, StringComparison.Ordinal);
        var name = isRaw ? key[StarXattr.Length..] : Uri.UnescapeDataString(key[LibarchiveXattr.Length..]);
        // The kernel of the machine where the layer was made wrote these for itself.
        if (name.StartsWith("trusted.overlay.", StringComparison.Ordinal))
            return;
        Xattrs ??= new(StringComparer.Ordinal);
        if (isRaw)
            Xattrs[name] = value.ToArray();
        else
            Xattrs.TryAdd(name, Base64(value));   // libarchive writes both forms; the raw one is exact
    }

    /// <summary>Names of attributes are text everywhere else in the field; another byte would become a name that nobody gave.</summary>
    private static string Text(ReadOnlySpan<byte> key)
    {
        try
        {
            return Strict.GetString(key);
        }
        catch (DecoderFallbackException)
        {
            throw new InvalidDataException("an extended header has an attribute whose name is not UTF-8");
        }
    }

    /// <summary>libarchive leaves the padding away.</summary>
    private static byte[] Base64(ReadOnlySpan<byte> value)
    {
        var text = Encoding.ASCII.GetString(value).TrimEnd('=');
        try
        {
            return Convert.FromBase64String(text.PadRight((text.Length + 3) / 4 * 4, '='));
        }
        catch (FormatException)
        {
            throw new InvalidDataException("an extended header has an attribute that is not base64");
        }
    }

    // An empty value takes back what a global header said.
    private static byte[]? Bytes(ReadOnlySpan<byte> value) => value.IsEmpty ? null : value.ToArray();

    private static long? Number(ReadOnlySpan<byte> value) => value.IsEmpty ? null : Decimal(value);

    /// <exception cref="InvalidDataException">It is not a decimal number.</exception>
    public static long Decimal(ReadOnlySpan<byte> value) =>
        Utf8Parser.TryParse(value, out long number, out var used) && used == value.Length
            ? number
            : throw new InvalidDataException("an extended header has something else than a number where one is expected");

    /// <summary>Seconds with any number of decimals, before 1970 negative; what is finer than nanoseconds is cut off towards the past.</summary>
    private static UnixTime Time(ReadOnlySpan<byte> value)
    {
        var isNegative = value[0] == (byte)'-';
        var dot = value.IndexOf((byte)'.');
        var whole = Encoding.ASCII.GetString(dot < 0 ? value : value[..dot]).TrimStart('-');
        var fraction = dot < 0 ? "" : Encoding.ASCII.GetString(value[(dot + 1)..]);
        var nine = (fraction.Length > 9 ? fraction[..9] : fraction).PadRight(9, '0');
        if (!long.TryParse(whole.Length == 0 ? "0" : whole, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            || !int.TryParse(nine, NumberStyles.None, CultureInfo.InvariantCulture, out var nanoseconds)
            || fraction.AsSpan().ContainsAnyExceptInRange('0', '9'))
            throw new InvalidDataException("an extended header has a time that is not a decimal number");
        if (!isNegative)
            return new(seconds, nanoseconds);
        if (fraction.Length > 9 && fraction.AsSpan(9).ContainsAnyExcept('0'))
            nanoseconds++;
        return nanoseconds == 0 ? new(-seconds) : nanoseconds > 999_999_999 ? new(-seconds - 1) : new(-seconds - 1, 1_000_000_000 - nanoseconds);
    }
}
