using System.Runtime.InteropServices;
using System.Text;

namespace Pipeline.Engine.Resolving;

/// <summary>What .NET does not tell: whether a name is a regular file, or a pipe, socket or device. statx(2), Linux only.</summary>
internal static class FileKind
{
    private const int CurrentDirectory = -100; // AT_FDCWD
    private const int NoFollow = 0x100; // AT_SYMLINK_NOFOLLOW
    private const uint TypeOnly = 1; // STATX_TYPE
    private const int StatxBytes = 256;
    private const int ModeOffset = 28; // stx_mode, the same on every architecture
    private const int FormatMask = 0xF000;
    private const int Regular = 0x8000;

    /// <summary>False also where the file is gone.</summary>
    public static bool IsRegular(string path)
    {
        var buffer = new byte[StatxBytes];
        return statx(CurrentDirectory, Encoding.UTF8.GetBytes(path + '\0'), NoFollow, TypeOnly, buffer) == 0
            && (BitConverter.ToUInt16(buffer, ModeOffset) & FormatMask) == Regular;
    }

#pragma warning disable IDE1006, SYSLIB1054 // a name of libc; arrays of bytes need no generated marshalling
    [DllImport("libc")]
    private static extern int statx(int directory, byte[] path, int flags, uint mask, byte[] buffer);
#pragma warning restore IDE1006, SYSLIB1054
}
