using System.Runtime.InteropServices;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Pipeline.Oci.Sources;

/// <summary>
/// What tells that a file is still the one that was hashed: path, length, times of change and inode. The change time
/// (ctime) is there because a copy can keep the modification time but nobody can set the other.
/// </summary>
internal static class FileFingerprint
{
    private const int CurrentDirectory = -100; // AT_FDCWD
    private const uint BasicStats = 0x7ff;
    private const int StatxBytes = 256;

    public static string Of(string path)
    {
        var file = new FileInfo(path);
        return $"{file.FullName} {file.Length} {file.LastWriteTimeUtc.Ticks} {InodeAndChange(file.FullName)}";
    }

    /// <summary>statx(2): inode at byte 32, ctime seconds at 96 and nanoseconds at 104; the same on every processor.</summary>
    private static string InodeAndChange(string path)
    {
        try
        {
            var record = new byte[StatxBytes];
            return Statx(CurrentDirectory, path, 0, BasicStats, record) == 0
                ? $"{ReadUInt64(record, 32)} {ReadUInt64(record, 96)}.{(uint)ReadUInt64(record, 104)}" : "";
        }
        catch (Exception e) when (e is EntryPointNotFoundException or DllNotFoundException)
        {
            return ""; // not Linux: length and time must do
        }
    }

    private static ulong ReadUInt64(byte[] record, int offset) =>
        BitConverter.IsLittleEndian ? ReadUInt64LittleEndian(record.AsSpan(offset)) : ReadUInt64BigEndian(record.AsSpan(offset));

    [DllImport("libc", EntryPoint = "statx")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Statx(
        int directory, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, uint mask, [Out] byte[] record);
}
