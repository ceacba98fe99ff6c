using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Pipeline.Engine.Flashing.Devices;

/// <summary>The few calls that .NET does not offer: to open a device for oneself alone, and to read past the page cache. Linux only.</summary>
internal static class PosixDevice
{
    public const int PermissionError = 1;       // EPERM
    public const int AccessError = 13;          // EACCES
    public const int BusyError = 16;            // EBUSY
    public const int ReadOnlyError = 30;        // EROFS
    public const int NoMediumError = 123;       // ENOMEDIUM
    private const int ReadWrite = 2;
    private const int CloseOnExec = 0x80000;
    private const int Exclusive = 0x80;
    private const int DontNeed = 4;
    private const uint RereadPartitions = 0x125F;

    /// <summary>O_DIRECT, which is not the same number everywhere.</summary>
    private static int Direct => RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.Arm or Architecture.Arm64 or Architecture.Armv6 => 0x10000,
        Architecture.Ppc64le => 0x20000,
        _ => 0x4000,
    };

    /// <summary>Opens for writing. A device is opened with O_EXCL: nobody else may mount it or build on it meanwhile, and nobody else has.</summary>
    /// <param name="error">0, or the kernel's number for why not.</param>
    public static SafeFileHandle? OpenForWriting(string path, bool isDevice, out int error) =>
        Open(path, ReadWrite | CloseOnExec | (isDevice ? Exclusive : 0), out error);

    /// <summary>Opens for reading from the medium itself; null where the file system cannot (some in memory).</summary>
    public static SafeFileHandle? OpenDirect(string path) => Open(path, CloseOnExec | Direct, out _);

    /// <summary>Drops what the kernel keeps of a file in memory, as far as it was written out.</summary>
    public static void DropCache(SafeFileHandle handle) => _ = posix_fadvise64(handle, 0, 0, DontNeed);

    /// <summary>Lets the kernel see the new partitions. Whether it can matters little: it looks again when the card comes back.</summary>
    public static void RereadPartitionTable(SafeFileHandle handle) => _ = ioctl(handle, RereadPartitions, 0);

    public static string Describe(int error) => new Win32Exception(error).Message;

    private static SafeFileHandle? Open(string path, int flags, out int error)
    {
        var descriptor = open(Encoding.UTF8.GetBytes(path + '\0'), flags, 0);
        error = descriptor < 0 ? Marshal.GetLastPInvokeError() : 0;
        return descriptor < 0 ? null : new SafeFileHandle(descriptor, ownsHandle: true);
    }

#pragma warning disable IDE1006, SYSLIB1054 // names of libc; arrays of bytes need no generated marshalling
    [DllImport("libc", SetLastError = true)]
    private static extern int open(byte[] path, int flags, int mode);

    [DllImport("libc")]
    private static extern int posix_fadvise64(SafeFileHandle descriptor, long offset, long length, int advice);

    [DllImport("libc")]
    private static extern int ioctl(SafeFileHandle descriptor, nuint request, nint argument);
#pragma warning restore IDE1006, SYSLIB1054
}
