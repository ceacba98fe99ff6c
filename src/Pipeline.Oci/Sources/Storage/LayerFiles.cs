using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Pipeline.Oci.Sources.Storage;

/// <summary>
/// The files of one layer's directory. Names come from the image: they are looked up as if the directory were the root of
/// the system, so that no link of the image leads out of it. openat2(2), Linux 5.6.
/// </summary>
internal sealed class LayerFiles : IDisposable
{
    private const nint OpenAt2 = 437; // the same number on every architecture
    private const int CurrentDirectory = -100; // AT_FDCWD
    private const ulong ReadOnlyFile = 0x80000 | 0x800; // O_CLOEXEC | O_NONBLOCK: a pipe must not be waited for
    private const ulong InRoot = 0x10 | 0x02; // RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS
    private const int NoEntry = 2;
    private const int TryAgain = 11;
    private const int NoAccess = 13;
    private const int LinkLoop = 40;
    private const int MaxTries = 100;
    private readonly SafeFileHandle _root;

    public LayerFiles(string directory) => _root = new(Open(CurrentDirectory, System.Text.Encoding.UTF8.GetBytes(directory), 0), ownsHandle: true);

    /// <exception cref="InvalidDataException">There is no such file.</exception>
    /// <exception cref="UnauthorizedAccessException">It belongs to a user of a container.</exception>
    public SafeFileHandle Open(byte[] name) => new(Open((int)_root.DangerousGetHandle(), name, InRoot), ownsHandle: true);

    public void Dispose() => _root.Dispose();

    private static int Open(int directory, byte[] name, ulong resolve)
    {
        var how = new byte[24]; // struct open_how: flags, mode, resolve
        WriteUInt64LittleEndian(how, ReadOnlyFile);
        WriteUInt64LittleEndian(how.AsSpan(16), resolve);
        for (var tries = 0; ; tries++)
        {
            var result = syscall(OpenAt2, directory, [.. name, 0], how, how.Length);
            if (result >= 0)
                return (int)result;
            var error = Marshal.GetLastPInvokeError();
            // The kernel asks to try again where something was renamed meanwhile.
            if (error != TryAgain || tries >= MaxTries)
                throw Failure(error, System.Text.Encoding.UTF8.GetString(name));
        }
    }

    private static Exception Failure(int error, string name) => error switch
    {
        NoEntry or LinkLoop => new InvalidDataException($"its file '{name}' is missing in the container storage"),
        NoAccess => new UnauthorizedAccessException($"'{name}' of the container storage may not be read; files of other users of a container need 'podman unshare pipeline …', or root"),
        _ => new IOException($"'{name}' of the container storage cannot be opened: {new Win32Exception(error).Message}", error),
    };

#pragma warning disable IDE1006, SYSLIB1054 // a name of libc; arrays of bytes need no generated marshalling
    [DllImport("libc", SetLastError = true)]
    private static extern nint syscall(nint number, nint directory, byte[] path, byte[] how, nint size);
#pragma warning restore IDE1006, SYSLIB1054
}
