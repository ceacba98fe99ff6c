using System.Buffers.Binary;
using System.Text;
using Pipeline.Core.Files;

namespace Pipeline.Oci.Proof;

/// <summary>What the headers of a program or library say about the machine it is for. ELF specification (gABI), "Object Files".</summary>
/// <param name="Bits">32 or 64.</param>
/// <param name="Machine">e_machine.</param>
/// <param name="Flags">e_flags.</param>
/// <param name="Interpreter">PT_INTERP; null for a static program or a library.</param>
/// <param name="Arm">The attributes of an ARM file, null where it has none.</param>
internal sealed record ElfFile(int Bits, bool IsLittleEndian, int Machine, uint Flags, string? Interpreter, ArmAttributes? Arm)
{
    /// <summary>x86-64: the level of instructions that the file says it needs, 1 to 4; 1 where it says nothing.</summary>
    public int X86Level { get; init; } = 1;

    private const int ExecutableType = 2;
    private const int SharedType = 3;
    private const uint InterpreterSegment = 3;
    private const uint PropertySegment = 0x6474_E553;
    private const int MaxPropertyBytes = 4096;
    private const uint ArmAttributesSection = 0x7000_0003;
    private const int MaxHeaders = 512;
    private const int MaxInterpreterBytes = 4096;
    private const int MaxAttributeBytes = 64 << 10;

    /// <summary>Null for what is no program or library, and for one whose headers lie outside the file.</summary>
    public static ElfFile? Read(FileContent content)
    {
        Span<byte> header = stackalloc byte[64];
        var count = content.Read(0, header);
        if (count < 52 || !header.StartsWith("\u007fELF"u8) || header[4] is not (1 or 2) || header[5] is not (1 or 2) || (header[4] == 2 && count < 64))
            return null;
        var file = new Reader(content, header[4] == 2, header[5] == 1);
        if (file.UInt16(header[16..]) is not (ExecutableType or SharedType))
            return null;
        var machine = file.UInt16(header[18..]);
        var flags = file.UInt32(header[(file.Is64 ? 48 : 36)..]);
        return new(file.Is64 ? 64 : 32, file.IsLittle, machine, flags, file.Interpreter(header), machine == ElfMachines.Arm ? file.Attributes(header) : null)
        {
            X86Level = machine == ElfMachines.Amd64 && file.Is64 ? X86Properties.Level(file.Segment(header, PropertySegment, MaxPropertyBytes)) : 1,
        };
    }

    private readonly struct Reader(FileContent content, bool is64, bool isLittle)
    {
        public bool Is64 => is64;

        public bool IsLittle => isLittle;

        public ushort UInt16(ReadOnlySpan<byte> at) => isLittle ? BinaryPrimitives.ReadUInt16LittleEndian(at) : BinaryPrimitives.ReadUInt16BigEndian(at);

        public uint UInt32(ReadOnlySpan<byte> at) => isLittle ? BinaryPrimitives.ReadUInt32LittleEndian(at) : BinaryPrimitives.ReadUInt32BigEndian(at);

        public string? Interpreter(ReadOnlySpan<byte> header) =>
            Segment(header, InterpreterSegment, MaxInterpreterBytes) is { Length: > 0 } text ? Encoding.UTF8.GetString(text).TrimEnd('\0') : null;

        /// <summary>The bytes of the first segment of a type; empty where there is none.</summary>
        public byte[] Segment(ReadOnlySpan<byte> header, uint type, int maxBytes)
        {
            foreach (var segment in Table(header, (is64 ? 32 : 28, is64 ? 54 : 42, is64 ? 56 : 32)))
            {
                if (UInt32(segment) == type)
                    return Bytes(Word(segment.AsSpan(is64 ? 8 : 4)), Word(segment.AsSpan(is64 ? 32 : 16)), maxBytes);
            }
            return [];
        }

        public ArmAttributes? Attributes(ReadOnlySpan<byte> header)
        {
            var sections = Table(header, (is64 ? 40 : 32, is64 ? 58 : 46, is64 ? 64 : 40));
            foreach (var section in sections)
            {
                if (UInt32(section.AsSpan(4)) == ArmAttributesSection)
                    return ArmAttributes.Read(Bytes(Word(section.AsSpan(is64 ? 24 : 16)), Word(section.AsSpan(is64 ? 32 : 20)), MaxAttributeBytes), isLittle);
            }
            return null;
        }

        // The header says where the table begins, how long an entry is and how many there are.
        private List<byte[]> Table(ReadOnlySpan<byte> header, (int OffsetAt, int SizeAt, int EntryBytes) place)
        {
            var entries = new List<byte[]>();
            var (offset, size, count) = (Word(header[place.OffsetAt..]), UInt16(header[place.SizeAt..]), (int)UInt16(header[(place.SizeAt + 2)..]));
            for (var i = 0; offset > 0 && size >= place.EntryBytes && i < Math.Min(count, MaxHeaders); i++)
            {
                var entry = Bytes(offset + ((long)i * size), place.EntryBytes, place.EntryBytes);
                if (entry.Length < place.EntryBytes)
                    break;
                entries.Add(entry);
            }
            return entries;
        }

        private long Word(ReadOnlySpan<byte> at)
        {
            if (!is64)
                return UInt32(at);
            return isLittle ? BinaryPrimitives.ReadInt64LittleEndian(at) : BinaryPrimitives.ReadInt64BigEndian(at);
        }

        private byte[] Bytes(long offset, long length, int max)
        {
            if (offset < 0 || length < 0 || offset > content.LengthBytes)
                return [];
            var bytes = new byte[Math.Min(length, max)];
            return bytes[..content.Read(offset, bytes)];
        }
    }
}

/// <summary>e_machine by the names of GOARCH.</summary>
internal static class ElfMachines
{
    public const int Arm = 40;
    public const int Amd64 = 62;

    private static readonly Dictionary<string, (int Machine, int Bits, bool IsLittle)> ByArchitecture = new(StringComparer.Ordinal)
    {
        ["386"] = (3, 32, true),
        ["mips"] = (8, 32, false),
        ["mipsle"] = (8, 32, true),
        ["mips64"] = (8, 64, false),
        ["mips64le"] = (8, 64, true),
        ["ppc64"] = (21, 64, false),
        ["ppc64le"] = (21, 64, true),
        ["s390x"] = (22, 64, false),
        ["arm"] = (Arm, 32, true),
        ["amd64"] = (Amd64, 64, true),
        ["arm64"] = (183, 64, true),
        ["riscv64"] = (243, 64, true),
        ["loong64"] = (258, 64, true),
    };

    public static bool IsKnown(string architecture) => ByArchitecture.ContainsKey(architecture);

    public static bool Matches(ElfFile file, string architecture) =>
        ByArchitecture[architecture] == (file.Machine, file.Bits, file.IsLittleEndian);

    /// <summary>For messages: <c>for arm64 (ELF machine 183, 64 bits)</c>.</summary>
    public static string Describe(ElfFile file)
    {
        var facts = $"ELF machine {file.Machine}, {file.Bits} bits, {(file.IsLittleEndian ? "little" : "big")}-endian";
        var known = ByArchitecture.Where(a => a.Value == (file.Machine, file.Bits, file.IsLittleEndian)).Select(a => a.Key).FirstOrDefault();
        return known is null ? $"for another machine ({facts})" : $"for {known} ({facts})";
    }
}
