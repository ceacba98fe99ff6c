using Pipeline.Core.Files;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Pipeline.Oci.Sources;

/// <summary>
/// What tells that a file is still the one that was hashed: path, length, times of change and inode. The change time
/// (ctime) is there because a copy can keep the modification time but nobody can set the other.
/// </summary>
internal static class FileFingerprint
{
    public static string Of(string path)
    {
        var file = new FileInfo(path);
        return $"{file.FullName} {file.Length} {file.LastWriteTimeUtc.Ticks} {InodeAndChange(file.FullName)}";
    }

    /// <summary>statx(2): inode at byte 32, ctime seconds at 96 and nanoseconds at 104. Not Linux: length and time must do.</summary>
    private static string InodeAndChange(string path) => FileStatus.Read(path) is { } record
        ? $"{ReadUInt64(record, 32)} {ReadUInt64(record, 96)}.{(uint)ReadUInt64(record, 104)}" : "";

    private static ulong ReadUInt64(byte[] record, int offset) =>
        BitConverter.IsLittleEndian ? ReadUInt64LittleEndian(record.AsSpan(offset)) : ReadUInt64BigEndian(record.AsSpan(offset));
}
