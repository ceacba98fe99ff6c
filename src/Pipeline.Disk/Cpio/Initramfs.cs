using Pipeline.Core.Compression;
using Pipeline.Core.Files;

namespace Pipeline.Disk.Cpio;

/// <param name="Compression">How the archive itself is packed; the kernel must have been built with it. All have gzip.</param>
/// <param name="Level">Null is the default of the compression.</param>
/// <param name="Threads">Does not change a byte.</param>
public sealed record InitramfsOptions(CompressionKind Compression, int? Level, int Threads)
{
    /// <summary>Archives that lie in front as they are: processor microcode, which the kernel looks for before it can unpack anything.</summary>
    public IReadOnlyList<FileContent> Prefixes { get; init; } = [];
}

/// <summary>The file that a boot loader hands to the kernel: what lies in front, then the packed archive.</summary>
public static class Initramfs
{
    /// <summary>Where an archive may begin behind another: more than the 4 bytes that Linux asks for, as cpio pads.</summary>
    private const int Alignment = 512;

    private const int CopyBytes = 1 << 20;

    /// <summary>Writes from front to back; <paramref name="output"/> stays open and need not be able to seek.</summary>
    public static void Write(CpioArchive archive, InitramfsOptions options, Stream output, CancellationToken ct)
    {
        foreach (var prefix in options.Prefixes)
            WritePrefix(prefix, output, ct);
        if (options.Compression == CompressionKind.None)
        {
            archive.WriteTo(output, ct);
            return;
        }
        using var encoder = Compression.OpenEncoder(options.Compression, output, new(options.Level, options.Threads) { ForKernel = true });
        archive.WriteTo(encoder, ct);
    }

    private static void WritePrefix(FileContent prefix, Stream output, CancellationToken ct)
    {
        var buffer = new byte[CopyBytes];
        for (long at = 0; at < prefix.LengthBytes;)
        {
            ct.ThrowIfCancellationRequested();
            var count = prefix.Read(at, buffer);
            output.Write(buffer, 0, count);
            at += count;
        }
        output.Write(new byte[-prefix.LengthBytes & (Alignment - 1)]);
    }
}
