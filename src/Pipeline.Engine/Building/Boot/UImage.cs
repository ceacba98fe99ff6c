using System.Buffers.Binary;
using System.Text;
using Pipeline.Core.Files;
using Pipeline.Core.Hashing;
using Pipeline.Oci.Platforms;

namespace Pipeline.Engine.Building.Boot;

/// <summary>U-Boot's legacy image around a script: a header of 64 bytes with two checksums (U-Boot, include/image.h), numbers big-endian.</summary>
internal static class UImage
{
    private const int HeaderBytes = 64;
    private const int NameBytes = 32;
    private const uint Magic = 0x2705_1956;     // IH_MAGIC
    private const byte OsLinux = 5;             // IH_OS_LINUX
    private const byte TypeScript = 6;          // IH_TYPE_SCRIPT
    private const byte CompressionNone = 0;     // IH_COMP_NONE

    /// <param name="clock">The header has 32 bits for it.</param>
    public static byte[] Script(string text, string name, Platform platform, UnixTime clock)
    {
        var script = Encoding.UTF8.GetBytes(text);
        var image = new byte[HeaderBytes + 8 + script.Length];
        // The data of a script: the lengths of its parts, ended by a zero, then the parts.
        BinaryPrimitives.WriteUInt32BigEndian(image.AsSpan(HeaderBytes), (uint)script.Length);
        script.CopyTo(image, HeaderBytes + 8);
        var data = image.AsSpan(HeaderBytes);

        BinaryPrimitives.WriteUInt32BigEndian(image, Magic);                                        // ih_magic
        BinaryPrimitives.WriteUInt32BigEndian(image.AsSpan(8), (uint)Math.Clamp(clock.Seconds, 0, uint.MaxValue));    // ih_time
        BinaryPrimitives.WriteUInt32BigEndian(image.AsSpan(12), (uint)data.Length);                 // ih_size
        BinaryPrimitives.WriteUInt32BigEndian(image.AsSpan(24), Crc32.Hash(data));                  // ih_dcrc
        image[28] = OsLinux;                                                                        // ih_os
        image[29] = Architecture(platform);                                                         // ih_arch
        image[30] = TypeScript;                                                                     // ih_type
        image[31] = CompressionNone;                                                                // ih_comp
        var bytes = Encoding.ASCII.GetBytes(name);
        bytes.AsSpan(0, Math.Min(bytes.Length, NameBytes - 1)).CopyTo(image.AsSpan(32));            // ih_name
        // Over the header while this field is zero.
        BinaryPrimitives.WriteUInt32BigEndian(image.AsSpan(4), Crc32.Hash(image.AsSpan(0, HeaderBytes)));   // ih_hcrc
        return image;
    }

    /// <summary>IH_ARCH_*. U-Boot runs scripts of any; tools show it.</summary>
    private static byte Architecture(Platform platform) => platform.Architecture switch
    {
        "arm" => 2,
        "arm64" => 22,
        "riscv64" => 26,
        _ => 0,
    };
}
