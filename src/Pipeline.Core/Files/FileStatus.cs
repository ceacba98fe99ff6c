using System.Runtime.InteropServices;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Pipeline.Core.Files;

/// <summary>What statx(2) says of a file and .NET does not: inode, time of change, kind. Links are followed.</summary>
public static class FileStatus
{
    private const int CurrentDirectory = -100; // AT_FDCWD
    private const uint BasicStats = 0x7ff;
    private const int StatxBytes = 256;
    private const int ModeAt = 28;
    private const int KindMask = 0xf000; // S_IFMT

    /// <summary>The statx record, the same on every processor but for its byte order; null where there is nothing, or no Linux.</summary>
    public static byte[]? Read(string path)
    {
        try
        {
            var record = new byte[StatxBytes];
            return Statx(CurrentDirectory, path, 0, BasicStats, record) == 0 ? record : null;
        }
        catch (Exception e) when (e is EntryPointNotFoundException or DllNotFoundException)
        {
            return null;
        }
    }

    /// <summary>
    /// "a pipe" and its like: what has no length, cannot be read at a place, and may keep waiting whoever opens it. Null for
    /// all that has bytes at places, disks too, and for what is not there.
    /// </summary>
    public static string? StreamKind(string path)
    {
        if (Read(path) is not { } record)
            return null;
        var mode = BitConverter.IsLittleEndian ? ReadUInt16LittleEndian(record.AsSpan(ModeAt)) : ReadUInt16BigEndian(record.AsSpan(ModeAt));
        return (mode & KindMask) switch
        {
            0x1000 => "a pipe",
            0x2000 => "a character device",
            0xc000 => "a socket",
            _ => null,
        };
    }

    [DllImport("libc", EntryPoint = "statx")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Statx(
        int directory, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, uint mask, [Out] byte[] record);
}
