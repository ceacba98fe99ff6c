using System.Text;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Pipeline.Engine.Inventories.Rpm;

/// <summary>
/// The header of an installed package, as a row of rpmdb holds it: big-endian u32 il, u32 dl, il entries of 16 bytes (tag,
/// type, offset, count), dl bytes of data. Unlike a file's header it has no magic in front. shared/spec/changelog.md §2.
/// </summary>
/// <remarks>Of a tag that comes twice the first entry counts. Only what is asked for is looked at.</remarks>
internal readonly ref struct RpmHeader
{
    private const int IntroBytes = 8;
    private const int EntryBytes = 16;
    private const int LimitEntries = 0xFFFF;
    private const int LimitDataBytes = 0x0FFF_FFFF;

    private const int TypeInt16 = 3;
    private const int TypeInt32 = 4;
    private const int TypeInt64 = 5;
    private const int TypeString = 6;
    private const int TypeStringArray = 8;
    private const int TypeI18NString = 9;

    private readonly ReadOnlySpan<byte> _entries;
    private readonly ReadOnlySpan<byte> _data;

    /// <exception cref="InvalidDataException">The lengths do not agree with the blob's.</exception>
    public RpmHeader(ReadOnlySpan<byte> blob)
    {
        if (blob.Length < IntroBytes)
            throw new InvalidDataException($"a header of {blob.Length} bytes");
        var (count, length) = (ReadUInt32BigEndian(blob), ReadUInt32BigEndian(blob[4..]));
        if (count is 0 or > LimitEntries || length > LimitDataBytes || IntroBytes + count * (long)EntryBytes + length != blob.Length)
            throw new InvalidDataException($"a header of {blob.Length} bytes says that it has {count} entries and {length} bytes of data");
        var dataAt = IntroBytes + (int)count * EntryBytes;
        _entries = blob[IntroBytes..dataAt];
        _data = blob[dataAt..];
    }

    /// <summary>The text of a tag, of a translated one the untranslated; empty where it is not there.</summary>
    /// <exception cref="InvalidDataException">Its place lies outside of the data, or it has no end.</exception>
    public string Text(int tag)
    {
        if (!TryFind(tag, out var type, out var offset) || type is not (TypeString or TypeStringArray or TypeI18NString))
            return "";
        var rest = _data[offset..];
        var end = rest.IndexOf((byte)0);
        return end < 0 ? throw new InvalidDataException($"the text of tag {tag} has no end") : Encoding.UTF8.GetString(rest[..end]);
    }

    /// <summary>The first number of a tag, unsigned; null where it is not there.</summary>
    /// <exception cref="InvalidDataException">Its place lies outside of the data.</exception>
    public long? Number(int tag)
    {
        if (!TryFind(tag, out var type, out var offset))
            return null;
        var rest = _data[offset..];
        return type switch
        {
            TypeInt16 when rest.Length >= 2 => ReadUInt16BigEndian(rest),
            TypeInt32 when rest.Length >= 4 => ReadUInt32BigEndian(rest),
            TypeInt64 when rest.Length >= 8 => ReadInt64BigEndian(rest),
            TypeInt16 or TypeInt32 or TypeInt64 => throw new InvalidDataException($"the number of tag {tag} lies outside of the data"),
            _ => null,
        };
    }

    private bool TryFind(int tag, out int type, out int offset)
    {
        for (var at = 0; at < _entries.Length; at += EntryBytes)
        {
            var entry = _entries[at..];
            if (ReadInt32BigEndian(entry) != tag)
                continue;
            type = ReadInt32BigEndian(entry[4..]);
            offset = ReadInt32BigEndian(entry[8..]);
            return offset >= 0 && offset <= _data.Length
                ? true
                : throw new InvalidDataException($"tag {tag} points to byte {offset} of {_data.Length}");
        }
        (type, offset) = (0, 0);
        return false;
    }
}
