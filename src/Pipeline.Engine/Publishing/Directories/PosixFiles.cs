using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;

namespace Pipeline.Engine.Publishing.Directories;

/// <summary>The few calls that make a directory store atomic and durable, which .NET does not offer. Linux only.</summary>
internal static class PosixFiles
{
    /// <summary>O_RDONLY | O_CLOEXEC: the same number on every processor that .NET runs on, as O_DIRECTORY is not.</summary>
    private const int ReadOnly = 0x80000;

    /// <summary>False where a hard link cannot be made (another file system, too many links, not supported).</summary>
    public static bool TryLink(string existing, string name) => link(Text(existing), Text(name)) == 0;

    /// <summary>rename(2): replaces a file or symbolic link at once; refuses to replace a directory that is not empty.</summary>
    /// <exception cref="IOException">It failed; nothing changed.</exception>
    public static void Rename(string from, string to)
    {
        if (rename(Text(from), Text(to)) != 0)
            throw Failure("rename", $"{from} to {to}");
    }

    /// <summary>Waits until a directory's entries are on the disk.</summary>
    /// <exception cref="IOException">It failed.</exception>
    public static void SyncDirectory(string path)
    {
        var descriptor = open(Text(path), ReadOnly, 0);
        if (descriptor < 0)
            throw Failure("open", path);
        var result = fsync(descriptor);
        var failure = result == 0 ? null : Failure("sync", path);
        _ = close(descriptor);
        if (failure is not null)
            throw failure;
    }

    /// <summary>Waits until a file's bytes are on the disk.</summary>
    public static void SyncFile(string path)
    {
        using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        RandomAccess.FlushToDisk(handle);
    }

    private static byte[] Text(string path) => Encoding.UTF8.GetBytes(path + '\0');

    private static IOException Failure(string what, string path)
    {
        var error = Marshal.GetLastPInvokeError();
        return new($"cannot {what} {path}: {new Win32Exception(error).Message}", error);
    }

#pragma warning disable IDE1006, SYSLIB1054 // names of libc; arrays of bytes need no generated marshalling
    [DllImport("libc", SetLastError = true)]
    private static extern int link(byte[] existing, byte[] name);

    [DllImport("libc", SetLastError = true)]
    private static extern int rename(byte[] from, byte[] to);

    [DllImport("libc", SetLastError = true)]
    private static extern int open(byte[] path, int flags, int mode);

    [DllImport("libc", SetLastError = true)]
    private static extern int fsync(int descriptor);

    [DllImport("libc", SetLastError = true)]
    private static extern int close(int descriptor);
#pragma warning restore IDE1006, SYSLIB1054
}
