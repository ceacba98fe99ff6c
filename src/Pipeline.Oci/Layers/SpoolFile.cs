using Microsoft.Win32.SafeHandles;
using Pipeline.Core.Files;

namespace Pipeline.Oci.Layers;

/// <summary>
/// A scratch file without a name: it is unlinked as soon as it is open, and gone with its last handle, also when the
/// process dies. It holds a layer's tar as it is, so contents lie at the offsets that the tar gives them.
/// </summary>
internal sealed class SpoolFile
{
    /// <summary>
    /// Larger writes make the kernel take larger pieces of memory for its cache, which on virtual machines it must often
    /// fetch from the host: five times slower where this was measured (Linux 6.18, ext4).
    /// </summary>
    private const int WriteBytes = 64 << 10;

    private static int _counter;
    private readonly SafeFileHandle _handle;
    private long _length;

    private SpoolFile(SafeFileHandle handle) => (_handle, Source) = (handle, new FileSource(handle));

    /// <summary>Owns the file.</summary>
    public FileSource Source { get; }

    public static SpoolFile Create(string directory)
    {
        Directory.CreateDirectory(directory);
        while (true)
        {
            var path = Path.Combine(directory, $"layer-{Environment.ProcessId}-{Interlocked.Increment(ref _counter)}.tmp");
            if (File.Exists(path))
                continue;
            var handle = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            File.Delete(path);
            return new(handle);
        }
    }

    public void Append(ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty)
        {
            var piece = data[..Math.Min(WriteBytes, data.Length)];
            RandomAccess.Write(_handle, piece, _length);
            _length += piece.Length;
            data = data[piece.Length..];
        }
    }
}
