using System.Buffers.Binary;

namespace Pipeline.Oci.Proof;

/// <summary>
/// What <c>.ARM.attributes</c> says about a whole file. "Addenda to, and Errata in, the ABI for the Arm Architecture",
/// build attributes. Tags that are not there are 0, as the specification has it.
/// </summary>
/// <param name="CpuArchitecture">Tag_CPU_arch.</param>
/// <param name="Profile">Tag_CPU_arch_profile: 'A', 'R', 'M', 'S' or 0.</param>
/// <param name="VfpArguments">Tag_ABI_VFP_args: 1 passes floats in VFP registers (hard float).</param>
internal sealed record ArmAttributes(int CpuArchitecture, char Profile, int VfpArguments)
{
    private const int FileScope = 1;

    /// <summary>v6-M, v6S-M, v7E-M, v8-M base and main, v8.1-M: microcontrollers.</summary>
    public bool IsMicrocontroller => Profile == 'M' || CpuArchitecture is 11 or 12 or 13 or 16 or 17 or 21;

    /// <summary>The variant of GOARM that is needed: 5 to 8.</summary>
    public int Variant => CpuArchitecture switch { <= 5 => 5, <= 9 => 6, 10 => 7, _ => 8 };

    /// <summary>Null where the section is not of the public form.</summary>
    public static ArmAttributes? Read(ReadOnlySpan<byte> section, bool isLittle)
    {
        if (section.IsEmpty || section[0] != (byte)'A')
            return null;
        section = section[1..];
        while (section.Length > 4)
        {
            var length = UInt32(section, isLittle);
            if (length < 5 || length > section.Length)
                return null;
            var vendor = section[4..(int)length];
            if (vendor.StartsWith("aeabi\0"u8))
                return ReadFileScope(vendor[6..], isLittle);
            section = section[(int)length..];
        }
        return null;
    }

    private static ArmAttributes? ReadFileScope(ReadOnlySpan<byte> parts, bool isLittle)
    {
        while (parts.Length > 5)
        {
            var length = UInt32(parts[1..], isLittle);
            if (length < 5 || length > parts.Length)
                return null;
            if (parts[0] == FileScope)
                return ReadPairs(parts[5..(int)length]);
            parts = parts[(int)length..];
        }
        return null;
    }

    private static ArmAttributes ReadPairs(ReadOnlySpan<byte> pairs)
    {
        var (architecture, profile, vfp) = (0, 0, 0);
        while (!pairs.IsEmpty)
        {
            var tag = Uleb(ref pairs);
            // 4 and 5 are CPU names, 67 is a conformance, 32 is a number and a text; beyond 32 odd tags are texts.
            var value = tag is 4 or 5 or 67 || (tag > 32 && tag % 2 == 1) ? 0 : Uleb(ref pairs);
            if (tag is 4 or 5 or 32 or 67 || (tag > 32 && tag % 2 == 1))
                SkipText(ref pairs);
            architecture = tag == 6 ? value : architecture;
            profile = tag == 7 ? value : profile;
            vfp = tag == 28 ? value : vfp;
        }
        return new(architecture, (char)profile, vfp);
    }

    private static int Uleb(ref ReadOnlySpan<byte> bytes)
    {
        var (value, shift) = (0, 0);
        while (!bytes.IsEmpty)
        {
            var b = bytes[0];
            bytes = bytes[1..];
            value |= shift < 28 ? (b & 0x7F) << shift : 0;
            shift += 7;
            if (b < 0x80)
                break;
        }
        return value;
    }

    private static void SkipText(ref ReadOnlySpan<byte> bytes)
    {
        var end = bytes.IndexOf((byte)0);
        bytes = end < 0 ? [] : bytes[(end + 1)..];
    }

    private static uint UInt32(ReadOnlySpan<byte> at, bool isLittle) =>
        isLittle ? BinaryPrimitives.ReadUInt32LittleEndian(at) : BinaryPrimitives.ReadUInt32BigEndian(at);
}
