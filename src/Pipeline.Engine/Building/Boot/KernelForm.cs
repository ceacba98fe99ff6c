using System.Buffers.Binary;
using Pipeline.Core.Files;

namespace Pipeline.Engine.Building.Boot;

/// <summary>
/// Whether a file can be a kernel of a platform, by its first bytes. Only what is certainly none is told: kernels come in more
/// forms (packed, for other loaders) than anybody lists.
/// </summary>
internal static class KernelForm
{
    private const int HeadBytes = 4096;
    private const int Arm64MagicOffset = 0x38;
    private const int RiscVMagicOffset = 0x38;
    private const int Arm32MagicOffset = 0x24;
    private const int X86MagicOffset = 0x202;
    private const int PeOffsetField = 0x3C;
    private const uint Arm32Magic = 0x016F2818;

    /// <summary>Words behind "it"; null where nothing speaks against it.</summary>
    /// <param name="architecture">As Go calls it.</param>
    public static string? Problem(FileContent kernel, string architecture)
    {
        var buffer = new byte[(int)Math.Min(HeadBytes, kernel.LengthBytes)];
        var head = buffer.AsSpan(0, kernel.Read(0, buffer));
        if (head.IsEmpty)
            return "is empty";
        if (IsText(head))
            return "is a text";
        return ArchitectureOf(head) is { } other && Family(other) != Family(architecture) ? $"is one for {other}" : null;
    }

    /// <summary>Lines of text: a pointer of Git LFS, a page of a web server that had no kernel, a script.</summary>
    private static bool IsText(ReadOnlySpan<byte> head) =>
        head.Contains((byte)'\n') && !head.ContainsAnyInRange<byte>(0x00, 0x08) && !head.ContainsAnyInRange<byte>(0x0E, 0x1F) && !head.Contains((byte)0x7F);

    /// <summary>Documentation/arch of Linux: x86/boot.rst, arm64/booting.rst, riscv/boot-image-header.rst; else that of the UEFI program it is.</summary>
    private static string? ArchitectureOf(ReadOnlySpan<byte> head) =>
        Has(head, X86MagicOffset, "HdrS"u8) ? "amd64"
        : Has(head, Arm64MagicOffset, "ARMd"u8) ? "arm64"
        : Has(head, RiscVMagicOffset, "RSC\u0005"u8) ? "riscv64"
        : Number(head, Arm32MagicOffset) == Arm32Magic ? "arm"
        : head.StartsWith("MZ"u8) ? MachineOf(head) : null;

    /// <summary>PE: the field behind the signature.</summary>
    private static string? MachineOf(ReadOnlySpan<byte> head)
    {
        var at = Number(head, PeOffsetField) ?? HeadBytes;
        if (at > HeadBytes || !Has(head, (int)at, "PE\0\0"u8))
            return null;
        return (Number(head, (int)at + 4) & 0xFFFF) switch
        {
            0x8664 => "amd64",
            0x014C => "386",
            0xAA64 => "arm64",
            0x01C0 or 0x01C2 or 0x01C4 => "arm",
            0x5064 => "riscv64",
            0x6264 => "loong64",
            _ => null,
        };
    }

    /// <summary>A 64-bit kernel may have a 32-bit system on it.</summary>
    private static string Family(string architecture) => architecture switch
    {
        "386" => "amd64",
        "arm" => "arm64",
        var same => same,
    };

    private static bool Has(ReadOnlySpan<byte> head, int at, ReadOnlySpan<byte> magic) => head.Length >= at + magic.Length && head.Slice(at, magic.Length).SequenceEqual(magic);

    private static uint? Number(ReadOnlySpan<byte> head, int at) => head.Length >= at + sizeof(uint) ? BinaryPrimitives.ReadUInt32LittleEndian(head[at..]) : null;
}
