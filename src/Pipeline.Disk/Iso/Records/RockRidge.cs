using Pipeline.Core.Files;
using Pipeline.Disk.Iso.Placing;

namespace Pipeline.Disk.Iso.Records;

/// <summary>
/// The entries of the system use field that keep what Linux knows of a file: Rock Ridge (IEEE P1282, version 1.12) on the
/// System Use Sharing Protocol. Each is at most 255 bytes: signature, length, version 1, data.
/// </summary>
internal static class RockRidge
{
    public const int ContinuationBytes = 28;
    private const int MaxEntryBytes = 255;
    private const int HeaderBytes = 4;
    private const byte Continues = 1;

    /// <summary>SP: the protocol is used. The very first entry of the root directory.</summary>
    public static byte[] Start() => Entry("SP"u8, [0xBE, 0xEF, 0]);

    /// <summary>ER: which extension is used; once, in the root directory. RRIP §4.3.</summary>
    public static byte[] Extension()
    {
        var name = "IEEE_1282"u8;
        var description = "THE IEEE 1282 PROTOCOL PROVIDES SUPPORT FOR POSIX FILE SYSTEM SEMANTICS"u8;
        var source = "PLEASE CONTACT THE IEEE STANDARDS DEPARTMENT, PISCATAWAY, NJ, USA FOR THE 1282 SPECIFICATION."u8;
        return Entry("ER"u8, [(byte)name.Length, (byte)description.Length, (byte)source.Length, 1, .. name, .. description, .. source]);
    }

    /// <summary>All that a record says of a node. <paramref name="name"/> is empty for the two dots.</summary>
    public static IEnumerable<byte[]> Of(FileNode node, ReadOnlyMemory<byte> name, int links, int serial)
    {
        yield return Attributes(node, links, serial);
        yield return Times(node.Mtime);
        if (node is SpecialFile { Kind: SpecialKind.CharacterDevice or SpecialKind.BlockDevice } device)
            yield return Device(device);
        foreach (var part in Name(name))
            yield return part;
        if (node is SymbolicLink link)
        {
            foreach (var part in Target(link.Target))
                yield return part;
        }
    }

    /// <summary>CE: the entries go on at a place of another block. Filled in when that is known.</summary>
    public static byte[] Continuation() => Entry("CE"u8, new byte[ContinuationBytes - HeaderBytes]);

    public static void SetContinuation(Span<byte> entry, long block, int offsetBytes, int lengthBytes)
    {
        BothEndian.Write32(entry[4..], block);
        BothEndian.Write32(entry[12..], offsetBytes);
        BothEndian.Write32(entry[20..], lengthBytes);
    }

    /// <summary>PX: RRIP §4.1.1.</summary>
    private static byte[] Attributes(FileNode node, int links, int serial)
    {
        var data = new byte[40];
        BothEndian.Write32(data, TypeBits(node) | node.Permissions);
        BothEndian.Write32(data.AsSpan(8), links);
        BothEndian.Write32(data.AsSpan(16), node.Uid);
        BothEndian.Write32(data.AsSpan(24), node.Gid);
        BothEndian.Write32(data.AsSpan(32), serial);
        return Entry("PX"u8, data);
    }

    private static uint TypeBits(FileNode node) => node switch
    {
        DirectoryNode => 0x4000,
        SymbolicLink => 0xA000,
        SpecialFile { Kind: SpecialKind.CharacterDevice } => 0x2000,
        SpecialFile { Kind: SpecialKind.BlockDevice } => 0x6000,
        SpecialFile { Kind: SpecialKind.Fifo } => 0x1000,
        SpecialFile => 0xC000,
        _ => 0x8000,
    };

    /// <summary>
    /// PN: RRIP §4.1.2, the high and the low half of a number. Linux takes the high half for the major number where there is
    /// one; others know only the old form in one half, so that is written where it is enough.
    /// </summary>
    private static byte[] Device(SpecialFile device)
    {
        var data = new byte[16];
        var isOld = device.Major is > 0 and < 0x1000 && device.Minor < 0x100;
        BothEndian.Write32(data, isOld ? 0 : device.Major);
        BothEndian.Write32(data.AsSpan(8), isOld ? device.Major << 8 | device.Minor : device.Minor);
        return Entry("PN"u8, data);
    }

    /// <summary>TF: contents changed, read, attributes changed; all the same. RRIP §4.1.6.</summary>
    private static byte[] Times(UnixTime time)
    {
        const byte modifyAccessAttributes = 0x0E;
        var data = new byte[1 + 3 * IsoTime.ShortBytes];
        data[0] = modifyAccessAttributes;
        for (var i = 0; i < 3; i++)
            IsoTime.WriteShort(data.AsSpan(1 + i * IsoTime.ShortBytes), time);
        return Entry("TF"u8, data);
    }

    /// <summary>NM: RRIP §4.1.4. A name of more than 250 bytes takes two.</summary>
    private static IEnumerable<byte[]> Name(ReadOnlyMemory<byte> name)
    {
        const int most = MaxEntryBytes - HeaderBytes - 1;
        for (var at = 0; at < name.Length; at += most)
        {
            var part = name[at..Math.Min(name.Length, at + most)];
            yield return Entry("NM"u8, [at + part.Length < name.Length ? Continues : (byte)0, .. part.Span]);
        }
    }

    /// <summary>SL: RRIP §4.1.3. A list of components, spread over as many entries as it takes.</summary>
    private static List<byte[]> Target(byte[] target)
    {
        const int most = MaxEntryBytes - HeaderBytes - 1;
        var parts = new List<List<byte>> { new() };
        foreach (var (flags, text) in Components(target))
        {
            var rest = text;
            while (true)
            {
                var room = most - parts[^1].Count - 2;
                // A component that does not fit goes on in the next entry; one byte of it here would help nobody.
                if (room < Math.Min(rest.Length, 8))
                {
                    parts.Add([]);
                    continue;
                }
                var now = rest[..Math.Min(rest.Length, room)];
                rest = rest[now.Length..];
                parts[^1].AddRange([(byte)(flags | (rest.IsEmpty ? 0 : Continues)), (byte)now.Length, .. now.Span]);
                if (rest.IsEmpty)
                    break;
            }
        }
        return [.. parts.Select((p, i) => Entry("SL"u8, [i < parts.Count - 1 ? Continues : (byte)0, .. p]))];
    }

    /// <summary>What lies between slashes; a slash at the beginning is a component of its own.</summary>
    private static IEnumerable<(byte Flags, ReadOnlyMemory<byte> Text)> Components(byte[] target)
    {
        const byte current = 2, parent = 4, root = 8;
        var start = 0;
        if (target[0] == '/')
        {
            yield return (root, default);
            start = 1;
            if (target.Length == 1)
                yield break;
        }
        while (start <= target.Length)
        {
            var end = Array.IndexOf(target, (byte)'/', start);
            var text = target.AsMemory(start..(end < 0 ? target.Length : end));
            if (text.Span.SequenceEqual("."u8))
                yield return (current, default);
            else if (text.Span.SequenceEqual(".."u8))
                yield return (parent, default);
            else
                yield return (0, text);
            if (end < 0)
                yield break;
            start = end + 1;
        }
    }

    private static byte[] Entry(ReadOnlySpan<byte> signature, ReadOnlySpan<byte> data)
    {
        var entry = new byte[HeaderBytes + data.Length];
        signature.CopyTo(entry);
        entry[2] = checked((byte)entry.Length);
        entry[3] = 1;
        data.CopyTo(entry.AsSpan(HeaderBytes));
        return entry;
    }
}
