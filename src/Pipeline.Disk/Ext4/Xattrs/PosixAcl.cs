using static System.Buffers.Binary.BinaryPrimitives;

namespace Pipeline.Disk.Ext4.Xattrs;

/// <summary>
/// POSIX ACLs have two forms: the one of the system call (version 2, 8 bytes an entry), which layers carry, and ext4's own
/// (version 1, 4 bytes an entry where no user or group is named).
/// </summary>
internal static class PosixAcl
{
    private const uint CallVersion = 2;
    private const uint DiskVersion = 1;
    private const int HeaderBytes = 4;
    private const int CallEntryBytes = 8;
    private const ushort User = 0x2;
    private const ushort Group = 0x8;

    /// <summary>Null where the value is not an ACL.</summary>
    public static byte[]? ToDisk(ReadOnlySpan<byte> value)
    {
        if (value.Length < HeaderBytes || (value.Length - HeaderBytes) % CallEntryBytes != 0 || ReadUInt32LittleEndian(value) != CallVersion)
            return null;
        var disk = new byte[value.Length];
        WriteUInt32LittleEndian(disk, DiskVersion);
        var length = HeaderBytes;
        for (var entry = value[HeaderBytes..]; !entry.IsEmpty; entry = entry[CallEntryBytes..])
        {
            var tag = ReadUInt16LittleEndian(entry);
            if (!IsTag(tag))
                return null;
            var size = tag is User or Group ? CallEntryBytes : CallEntryBytes - 4;
            entry[..size].CopyTo(disk.AsSpan(length));
            length += size;
        }
        return disk[..length];
    }

    /// <summary>Owner, user, group, named group, mask, others.</summary>
    private static bool IsTag(ushort tag) => tag is 0x1 or User or 0x4 or Group or 0x10 or 0x20;
}
