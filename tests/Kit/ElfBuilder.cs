using System.Buffers.Binary;
using System.Text;

namespace Pipeline.Kit;

/// <summary>Small ELF files: headers only, as much as says which machine they are for.</summary>
public static class ElfBuilder
{
    public static byte[] Create(int machine, int bits = 64, uint flags = 0, string? interpreter = null, byte[]? armAttributes = null, bool isLittle = true)
    {
        var is64 = bits == 64;
        var file = new byte[1024];
        "\u007fELF"u8.CopyTo(file);
        (file[4], file[5], file[6]) = ((byte)(is64 ? 2 : 1), (byte)(isLittle ? 1 : 2), 1);
        void Put(int at, long value, int width)
        {
            for (var i = 0; i < width; i++)
                file[at + (isLittle ? i : width - 1 - i)] = (byte)(value >> (8 * i));
        }
        Put(16, 3, 2);                                  // e_type: shared or position-independent
        Put(18, machine, 2);
        Put(is64 ? 48 : 36, flags, 4);
        var word = is64 ? 8 : 4;
        if (interpreter is not null)
        {
            Put(is64 ? 32 : 28, 128, word);             // e_phoff
            Put(is64 ? 54 : 42, is64 ? 56 : 32, 2);
            Put(is64 ? 56 : 44, 1, 2);
            Put(128, 3, 4);                             // PT_INTERP
            Put(128 + (is64 ? 8 : 4), 512, word);
            Put(128 + (is64 ? 32 : 16), interpreter.Length + 1, word);
            Encoding.ASCII.GetBytes(interpreter).CopyTo(file, 512);
        }
        if (armAttributes is not null)
        {
            Put(32, 256, 4);                            // e_shoff
            Put(46, 40, 2);
            Put(48, 1, 2);
            Put(256 + 4, 0x7000_0003, 4);
            Put(256 + 16, 640, 4);
            Put(256 + 20, armAttributes.Length, 4);
            armAttributes.CopyTo(file, 640);
        }
        return file;
    }

    /// <summary><c>.ARM.attributes</c> with a CPU name, Tag_CPU_arch, a profile and Tag_ABI_VFP_args.</summary>
    public static byte[] ArmAttributes(byte architecture, char profile = 'A', byte vfpArguments = 1)
    {
        byte[] pairs = [5, .. "cpu\0"u8, 6, architecture, 7, (byte)profile, 28, vfpArguments];
        byte[] part = [1, .. Length(pairs.Length + 5), .. pairs];
        byte[] vendor = [.. "aeabi\0"u8, .. part];
        return [(byte)'A', .. Length(vendor.Length + 4), .. vendor];
    }

    private static byte[] Length(int length)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, length);
        return bytes;
    }
}
