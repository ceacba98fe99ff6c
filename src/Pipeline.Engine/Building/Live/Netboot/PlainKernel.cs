using System.Buffers.Binary;
using Pipeline.Core.Compression;
using Pipeline.Core.Files;
using Pipeline.Core.Streams;
using Pipeline.Engine.Building.Packages;

namespace Pipeline.Engine.Building.Live.Netboot;

/// <summary>
/// A kernel as network loaders want it. On Arm and RISC-V that is the plain Image: distributions pack it with gzip, or
/// into a program that unpacks itself (EFI zboot). On a PC the kernel is such a program everywhere.
/// </summary>
internal static class PlainKernel
{
    /// <summary>Kernels have some 50 MiB; a larger one is hostile.</summary>
    private static readonly DecoderLimits Limits = new(512 << 20, 2000, 512 << 20);

    private const int ZbootHeaderBytes = 0x20;
    private const int PayloadOffsetField = 0x08;
    private const int PayloadSizeField = 0x0C;

    /// <summary>Opens the kernel unpacked; the caller disposes the stream.</summary>
    /// <exception cref="InvalidDataException">It is packed in a way that is not known here, or damaged (then also while reading).</exception>
    /// <exception cref="MissingLibraryException">The system lacks the library that unpacks it.</exception>
    public static Stream Open(FileContent kernel, string architecture)
    {
        if (architecture is not ("arm64" or "riscv64" or "loong64"))
            return new ContentStream(kernel);
        var header = new byte[ZbootHeaderBytes];
        var count = kernel.Read(0, header);
        if (count < ZbootHeaderBytes || !header.AsSpan().StartsWith("MZ\0\0zimg"u8))
            return Compression.OpenDecoder(new ContentStream(kernel), Limits);
        var (offset, length) = (BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(PayloadOffsetField)), BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(PayloadSizeField)));
        if (offset + (long)length > kernel.LengthBytes)
            throw new InvalidDataException("what it packs lies outside of it");
        var start = new byte[Compression.MagicBytes];
        kernel.Read(offset, start);
        var kind = Compression.Detect(start);
        return kind == CompressionKind.None
            ? throw new InvalidDataException($"it is a program that unpacks itself, of a kind ('{Name(header)}') that is not known here")
            : Compression.OpenDecoder(kind, new ContentStream(kernel, offset, length), Limits);
    }

    /// <summary>The name of the compression, as the header has it: at 0x18, ended by a zero.</summary>
    private static string Name(byte[] header) =>
        string.Concat(header.Skip(0x18).TakeWhile(b => b != 0).Select(b => char.IsAsciiLetterOrDigit((char)b) ? (char)b : '?'));
}
