using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Pipeline.Core.Files;

namespace Pipeline.Engine.Building.Trees;

/// <summary>
/// An open directory in which things are made by their names alone. No path is ever resolved by the kernel, so that no
/// link that an image made is ever followed. Linux only; every call throws <see cref="IOException"/> unless it says otherwise.
/// </summary>
internal sealed class DirectoryHandle : IDisposable
{
    private const int CloseOnExec = 0x80000;
    private const int WriteOnly = 1;
    private const int CreateNew = 0x40 | 0x80; // O_CREAT | O_EXCL
    private const int NoFollow = 0x100; // AT_SYMLINK_NOFOLLOW
    private const int NotPermitted = 1;
    private const int InvalidArgument = 22;
    private const int NotSupported = 95;

    // The two flags that every architecture but ARM has at the same place.
    private static readonly bool IsArm = RuntimeInformation.ProcessArchitecture is Architecture.Arm or Architecture.Arm64;
    private static readonly int OnlyDirectory = IsArm ? 0x4000 : 0x10000; // O_DIRECTORY
    private static readonly int NoLink = IsArm ? 0x8000 : 0x20000; // O_NOFOLLOW

    private readonly SafeFileHandle _handle;

    private DirectoryHandle(int descriptor) => _handle = new(descriptor, ownsHandle: true);

    private int Descriptor => (int)_handle.DangerousGetHandle();

    public static bool IsRoot => geteuid() == 0;

    /// <param name="path">A directory of ours.</param>
    public static DirectoryHandle Open(string path) => new(Checked(openat(-100, Encoding.UTF8.GetBytes(path + '\0'), OnlyDirectory | NoLink | CloseOnExec, 0), "open", path));

    public DirectoryHandle MakeDirectory(FileName name)
    {
        Checked(mkdirat(Descriptor, Text(name), 0b111_000_000), "make", name);
        return new(Checked(openat(Descriptor, Text(name), OnlyDirectory | NoLink | CloseOnExec, 0), "open", name));
    }

    public SafeFileHandle MakeFile(FileName name) =>
        new(Checked(openat(Descriptor, Text(name), WriteOnly | CreateNew | NoLink | CloseOnExec, 0b110_000_000), "make", name), ownsHandle: true);

    public void MakeSymbolicLink(FileName name, byte[] target) => Checked(symlinkat([.. target, 0], Descriptor, Text(name)), "link", name);

    /// <param name="existing">Relative to <paramref name="root"/>; all its directories were made here.</param>
    public void MakeHardLink(DirectoryHandle root, byte[] existing, FileName name) =>
        Checked(linkat(root.Descriptor, [.. existing, 0], Descriptor, Text(name), 0), "link", name);

    /// <summary>False where it is not permitted.</summary>
    public bool TryMakeSpecial(FileName name, SpecialFile special)
    {
        var type = special.Kind switch
        {
            SpecialKind.CharacterDevice => 0x2000u,
            SpecialKind.BlockDevice => 0x6000u,
            SpecialKind.Fifo => 0x1000u,
            _ => 0xC000u,
        };
        return Permitted(mknodat(Descriptor, Text(name), type | 0b110_000_000, DeviceNumber(special.Major, special.Minor)), "make", name);
    }

    /// <summary>Sets an owner; false where it is not permitted.</summary>
    public bool TrySetOwner(FileName name, uint uid, uint gid) => Permitted(fchownat(Descriptor, Text(name), uid, gid, NoFollow), "set the owner of", name);

    /// <summary>Not for symbolic links.</summary>
    public void SetPermissions(FileName name, uint permissions) => Checked(fchmodat(Descriptor, Text(name), permissions, 0), "set the mode of", name);

    public void SetTime(FileName name, UnixTime time)
    {
        long[] times = [time.Seconds, time.Nanoseconds, time.Seconds, time.Nanoseconds];
        Checked(utimensat(Descriptor, Text(name), times, NoFollow), "set the time of", name);
    }

    /// <summary>False where it is not permitted, or the file system has no such attributes.</summary>
    public bool TrySetXattr(FileName name, Xattr xattr)
    {
        // The kernel has no setxattrat before 6.13; the directory's own name in /proc stands for its descriptor.
        byte[] path = [.. Encoding.ASCII.GetBytes($"/proc/self/fd/{Descriptor}/"), .. Text(name)];
        var value = xattr.Value;
        return Permitted(lsetxattr(path, Encoding.UTF8.GetBytes(xattr.Name + '\0'), value, (nuint)value.Length, 0), "set an attribute of", name);
    }

    public void Dispose() => _handle.Dispose();

    /// <summary>glibc's dev_t: 12 and 20 low bits, then the high ones.</summary>
    private static ulong DeviceNumber(ulong major, ulong minor) =>
        ((major & 0xFFF) << 8) | ((major & ~0xFFFUL) << 32) | (minor & 0xFF) | ((minor & ~0xFFUL) << 12);

    private static byte[] Text(FileName name) => [.. name.Bytes, 0];

    private static bool Permitted(int result, string what, FileName name)
    {
        if (result >= 0)
            return true;
        if (Marshal.GetLastPInvokeError() is NotPermitted or NotSupported or InvalidArgument)
            return false;
        Checked(result, what, name);
        return false;
    }

    private static int Checked(int result, string what, object name)
    {
        if (result >= 0)
            return result;
        var error = Marshal.GetLastPInvokeError();
        throw new IOException($"cannot {what} '{name}': {new Win32Exception(error).Message}", error);
    }

#pragma warning disable IDE1006, SYSLIB1054 // names of libc; arrays of bytes need no generated marshalling
    [DllImport("libc", SetLastError = true)]
    private static extern int openat(int directory, byte[] name, int flags, int mode);

    [DllImport("libc", SetLastError = true)]
    private static extern int mkdirat(int directory, byte[] name, uint mode);

    [DllImport("libc", SetLastError = true)]
    private static extern int symlinkat(byte[] target, int directory, byte[] name);

    [DllImport("libc", SetLastError = true)]
    private static extern int linkat(int fromDirectory, byte[] from, int directory, byte[] name, int flags);

    [DllImport("libc", SetLastError = true)]
    private static extern int mknodat(int directory, byte[] name, uint mode, ulong device);

    [DllImport("libc", SetLastError = true)]
    private static extern int fchownat(int directory, byte[] name, uint uid, uint gid, int flags);

    [DllImport("libc", SetLastError = true)]
    private static extern int fchmodat(int directory, byte[] name, uint mode, int flags);

    [DllImport("libc", SetLastError = true)]
    private static extern int utimensat(int directory, byte[] name, long[] times, int flags);

    [DllImport("libc", SetLastError = true)]
    private static extern int lsetxattr(byte[] path, byte[] name, byte[] value, nuint length, int flags);

    [DllImport("libc")]
    private static extern uint geteuid();
#pragma warning restore IDE1006, SYSLIB1054
}
