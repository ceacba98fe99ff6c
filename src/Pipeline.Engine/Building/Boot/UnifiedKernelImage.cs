using System.Text;
using Pipeline.Core.Files;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Pipeline.Engine.Building.Boot;

/// <summary>
/// A unified kernel image: systemd's stub, a PE program, with more sections behind its own (UAPI Group, Unified Kernel
/// Image; Microsoft, PE Format). The stub finds them by their names.
/// </summary>
internal static class UnifiedKernelImage
{
    /// <summary>Firmware holds the whole image in memory, next to what it unpacks of it.</summary>
    public const int MaxBytes = 1 << 30;

    /// <summary>Stubs have some 200 KiB.</summary>
    private const int MaxStubBytes = 64 << 20;

    private const int ReadBytes = 1 << 20;

    /// <summary>A kernel runs where its section lies, and wants whole pages; older stubs ask for less themselves.</summary>
    private const int PageBytes = 4096;

    private const int PeOffsetField = 0x3C;
    private const int CoffHeaderBytes = 24;         // with the signature
    private const int SectionHeaderBytes = 40;
    private const int MaxSections = 96;             // what Windows' own loader takes
    private const ushort MagicPe32Plus = 0x20B;
    private const uint ReadOnlyData = 0x4000_0040;  // IMAGE_SCN_CNT_INITIALIZED_DATA | IMAGE_SCN_MEM_READ
    private const int CertificateDirectory = 4;     // IMAGE_DIRECTORY_ENTRY_SECURITY

    // Offsets in the optional header.
    private const int InitializedDataSizeField = 8;
    private const int SectionAlignmentField = 32;
    private const int FileAlignmentField = 36;
    private const int ImageSizeField = 56;
    private const int HeadersSizeField = 60;
    private const int ChecksumField = 64;
    private const int DirectoryCountField = 108;
    private const int DirectoriesField = 112;

    /// <summary>What a PE says of itself, as far as sections are added.</summary>
    private sealed record Stub(byte[] Bytes, int Coff, int SectionCount, int FirstSection, int SectionAlignment, int FileAlignment)
    {
        public int Optional => Coff + CoffHeaderBytes;

        public int TableEnd => FirstSection + SectionCount * SectionHeaderBytes;

        public Span<byte> Section(int index) => Bytes.AsSpan(FirstSection + index * SectionHeaderBytes, SectionHeaderBytes);
    }

    /// <param name="stub">Such as <c>linuxx64.efi.stub</c>.</param>
    /// <param name="sections">Name (at most eight bytes) and content, in their order; the kernel last, so that it has room above it.</param>
    /// <returns>It holds the headers only, and reads the contents again whenever it is read.</returns>
    /// <exception cref="InvalidDataException">The stub is no such program, or the image would be too long.</exception>
    public static FileContent Make(FileContent stub, IReadOnlyList<(string Name, FileContent Content)> sections)
    {
        var pe = Read(stub.ReadAll(MaxStubBytes));
        var tableEnd = pe.TableEnd + sections.Count * SectionHeaderBytes;
        if (pe.SectionCount + sections.Count > MaxSections || tableEnd > FirstRawByte(pe))
            throw new InvalidDataException($"it has no room for {sections.Count} more sections");
        var head = Align(RawEnd(pe), pe.FileAlignment);
        var length = head + sections.Sum(s => Align(s.Content.LengthBytes, pe.FileAlignment));
        if (length > MaxBytes)
            throw new InvalidDataException($"the image would have {length} bytes, expected at most {MaxBytes}");
        if (Math.Max(tableEnd, pe.Optional + DirectoriesField + 8 * (CertificateDirectory + 1)) > head)
            throw new InvalidDataException("its headers are damaged");
        var bytes = new byte[head];
        pe.Bytes.AsSpan(0, RawEnd(pe)).CopyTo(bytes);
        pe = pe with { Bytes = bytes };
        var image = FileContent.Of(new JoinedSource([(0, FileContent.Of(bytes)), .. Append(pe, sections)], length), 0, length);
        WriteUInt32LittleEndian(bytes.AsSpan(pe.Optional + ChecksumField), Checksum(image));
        return image;
    }

    private static Stub Read(byte[] bytes)
    {
        var coff = bytes.Length > PeOffsetField + 4 ? ReadInt32LittleEndian(bytes.AsSpan(PeOffsetField)) : 0;
        if (coff <= 0 || coff > bytes.Length - CoffHeaderBytes - DirectoriesField || !bytes.AsSpan(coff).StartsWith("PE\0\0"u8)
            || ReadUInt16LittleEndian(bytes.AsSpan(coff + CoffHeaderBytes)) != MagicPe32Plus)
            throw new InvalidDataException("it is not a 64-bit PE program");
        var count = ReadUInt16LittleEndian(bytes.AsSpan(coff + 6));                         // NumberOfSections
        var first = coff + CoffHeaderBytes + ReadUInt16LittleEndian(bytes.AsSpan(coff + 20));   // SizeOfOptionalHeader
        var optional = bytes.AsSpan(coff + CoffHeaderBytes);
        var (sectionAlignment, fileAlignment) = (ReadInt32LittleEndian(optional[SectionAlignmentField..]), ReadInt32LittleEndian(optional[FileAlignmentField..]));
        var stub = new Stub(bytes, coff, count, first, sectionAlignment, fileAlignment);
        if (count is 0 or > MaxSections || stub.TableEnd > bytes.Length || !IsPowerOfTwo(sectionAlignment) || !IsPowerOfTwo(fileAlignment))
            throw new InvalidDataException("its headers are damaged");
        for (var i = 0; i < count; i++)
        {
            var (raw, rawLength) = (ReadUInt32LittleEndian(stub.Section(i)[20..]), ReadUInt32LittleEndian(stub.Section(i)[16..]));
            if (raw + (long)rawLength > bytes.Length || ReadUInt32LittleEndian(stub.Section(i)[12..]) + (long)ReadUInt32LittleEndian(stub.Section(i)[8..]) > MaxBytes)
                throw new InvalidDataException("it has a section outside of itself");
        }
        return stub;
    }

    private static bool IsPowerOfTwo(int number) => number is > 0 and <= 1 << 20 && (number & (number - 1)) == 0;

    /// <returns>Where the contents lie in the image.</returns>
    private static List<(long OffsetBytes, FileContent Content)> Append(Stub pe, IReadOnlyList<(string Name, FileContent Content)> sections)
    {
        var places = new List<(long, FileContent)>();
        var raw = Align(RawEnd(pe), pe.FileAlignment);
        var step = Math.Max(pe.SectionAlignment, PageBytes);
        var (address, end) = (Align(VirtualEnd(pe), step), VirtualEnd(pe));
        var added = 0L;
        for (var i = 0; i < sections.Count; i++)
        {
            var (name, content) = sections[i];
            var rawLength = Align(content.LengthBytes, pe.FileAlignment);
            var header = pe.Section(pe.SectionCount + i);
            header.Clear();
            Encoding.ASCII.GetBytes(name).CopyTo(header);                                   // Name
            WriteUInt32LittleEndian(header[8..], (uint)content.LengthBytes);                // VirtualSize
            WriteUInt32LittleEndian(header[12..], (uint)address);                           // VirtualAddress
            WriteUInt32LittleEndian(header[16..], (uint)rawLength);                         // SizeOfRawData
            WriteUInt32LittleEndian(header[20..], (uint)raw);                               // PointerToRawData
            WriteUInt32LittleEndian(header[36..], ReadOnlyData);                            // Characteristics
            places.Add((raw, content));
            end = address + content.LengthBytes;
            (raw, address, added) = (raw + rawLength, Align(end, step), added + rawLength);
        }
        Seal(pe, sections.Count, Align(end, pe.SectionAlignment), added);
        return places;
    }

    /// <summary>All but the checksum, which is zero until the whole is there.</summary>
    private static void Seal(Stub pe, int count, long imageBytes, long added)
    {
        WriteUInt16LittleEndian(pe.Bytes.AsSpan(pe.Coff + 6), (ushort)(pe.SectionCount + count));
        // Symbols of the stub lay behind its sections and are gone.
        pe.Bytes.AsSpan(pe.Coff + 12, 8).Clear();                                           // PointerToSymbolTable, NumberOfSymbols
        var optional = pe.Bytes.AsSpan(pe.Optional);
        WriteUInt32LittleEndian(optional[InitializedDataSizeField..], (uint)(ReadUInt32LittleEndian(optional[InitializedDataSizeField..]) + added));
        WriteUInt32LittleEndian(optional[ImageSizeField..], (uint)imageBytes);
        var headers = Align(pe.TableEnd + count * SectionHeaderBytes, pe.FileAlignment);
        if (headers > ReadUInt32LittleEndian(optional[HeadersSizeField..]))
            WriteUInt32LittleEndian(optional[HeadersSizeField..], (uint)headers);
        // A signature over the stub alone would be wrong.
        if (ReadUInt32LittleEndian(optional[DirectoryCountField..]) > CertificateDirectory)
            optional.Slice(DirectoriesField + 8 * CertificateDirectory, 8).Clear();
        WriteUInt32LittleEndian(optional[ChecksumField..], 0);
    }

    /// <summary>The sum of all 16-bit words with its carries, and the length (the field itself counts as zero).</summary>
    private static uint Checksum(FileContent image)
    {
        var (sum, buffer) = (0u, new byte[ReadBytes]);
        for (long offset = 0; offset < image.LengthBytes; offset += buffer.Length)
        {
            var block = buffer.AsSpan(0, image.Read(offset, buffer));
            for (var i = 0; i < block.Length; i += 2)
            {
                sum += i + 1 < block.Length ? ReadUInt16LittleEndian(block[i..]) : block[i];
                sum = (sum & 0xFFFF) + (sum >> 16);
            }
        }
        return sum + (uint)image.LengthBytes;
    }

    private static long FirstRawByte(Stub pe) => Sections(pe).Where(s => s.RawLength > 0).Select(s => s.Raw).DefaultIfEmpty(pe.Bytes.Length).Min();

    private static int RawEnd(Stub pe) => (int)Sections(pe).Select(s => s.Raw + s.RawLength).Max();

    private static long VirtualEnd(Stub pe) => Sections(pe).Select(s => s.Address + s.Length).Max();

    private static IEnumerable<(long Length, long Address, long RawLength, long Raw)> Sections(Stub pe) =>
        from i in Enumerable.Range(0, pe.SectionCount)
        let at = pe.FirstSection + i * SectionHeaderBytes
        select (Number(pe, at + 8), Number(pe, at + 12), Number(pe, at + 16), Number(pe, at + 20));

    private static long Number(Stub pe, int at) => ReadUInt32LittleEndian(pe.Bytes.AsSpan(at));

    private static long Align(long value, int step) => (value + step - 1) / step * step;
}
