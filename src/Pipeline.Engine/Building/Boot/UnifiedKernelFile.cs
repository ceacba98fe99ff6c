using System.Text;
using Pipeline.Core.Files;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Pipeline.Engine.Building.Boot;

/// <summary>
/// A unified kernel image that somebody else made: the parts that its sections hold (UAPI Group, Unified Kernel Image;
/// Microsoft, PE Format).
/// </summary>
internal sealed class UnifiedKernelFile
{
    private const int PeOffsetField = 0x3C;
    private const int CoffHeaderBytes = 24;     // with the signature
    private const int SectionHeaderBytes = 40;
    private const int MaxSections = 96;
    private const int MaxHeaderOffset = 1 << 20;
    private const int MaxTextBytes = 1 << 16;
    private readonly Dictionary<string, FileContent> _sections = new(StringComparer.Ordinal);

    private UnifiedKernelFile()
    {
    }

    public FileContent? Linux => Find(".linux");

    public FileContent? Initrd => Find(".initrd");

    public FileContent? DeviceTree => Find(".dtb");

    /// <summary>The kernel's arguments; null where none are inside.</summary>
    public string? CommandLine => Text(".cmdline");

    /// <summary>The kernel's version; null where it is not told.</summary>
    public string? Version => Text(".uname");

    /// <exception cref="InvalidDataException">It is no PE program, or damaged.</exception>
    public static UnifiedKernelFile Read(FileContent file)
    {
        var coff = ReadInt32LittleEndian(Bytes(file, PeOffsetField, sizeof(int)));
        if (coff is <= 0 or > MaxHeaderOffset)
            throw new InvalidDataException("it is no PE program");
        var header = Bytes(file, coff, CoffHeaderBytes);
        var count = ReadUInt16LittleEndian(header.AsSpan(6));                                   // NumberOfSections
        if (!header.AsSpan().StartsWith("PE\0\0"u8) || count > MaxSections)
            throw new InvalidDataException("it is no PE program");
        var table = Bytes(file, coff + CoffHeaderBytes + ReadUInt16LittleEndian(header.AsSpan(20)), count * SectionHeaderBytes); // SizeOfOptionalHeader
        var image = new UnifiedKernelFile();
        for (var i = 0; i < count; i++)
            image.Add(file, table.AsSpan(i * SectionHeaderBytes, SectionHeaderBytes));
        return image;
    }

    private void Add(FileContent file, ReadOnlySpan<byte> section)
    {
        var name = Encoding.ASCII.GetString(section[..8]).TrimEnd('\0');
        var length = Math.Min(ReadUInt32LittleEndian(section[8..]), ReadUInt32LittleEndian(section[16..])); // VirtualSize, SizeOfRawData
        long offset = ReadUInt32LittleEndian(section[20..]);                                    // PointerToRawData
        if (offset + length > file.LengthBytes)
            throw new InvalidDataException($"its section {name} ends behind the file");
        // Of several profiles the first is the one that is started.
        if (length > 0)
            _sections.TryAdd(name, Part(file, offset, length));
    }

    private static FileContent Part(FileContent file, long offset, long length) => file.IsSparse
        ? FileContent.Of(Bytes(file, offset, checked((int)length)))
        : FileContent.Of(file.Source!, file.Extents[0].SourceOffset + offset, length);

    private FileContent? Find(string name) => _sections.TryGetValue(name, out var content) ? content : null;

    private string? Text(string name)
    {
        if (Find(name) is not { } content || content.LengthBytes > MaxTextBytes)
            return null;
        var text = Encoding.UTF8.GetString(content.ReadAll(MaxTextBytes)).Trim('\0', '\n', ' ');
        return text.Length == 0 ? null : text;
    }

    private static byte[] Bytes(FileContent file, long offset, int length)
    {
        var bytes = new byte[length];
        return offset + length <= file.LengthBytes && file.Read(offset, bytes) == length ? bytes : throw new InvalidDataException("it ends within its headers");
    }
}
