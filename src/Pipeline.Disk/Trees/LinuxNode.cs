using Pipeline.Core.Files;

namespace Pipeline.Disk.Trees;

/// <summary>The numbers by which Linux, and so most formats, tells kinds of files.</summary>
internal static class LinuxNode
{
    /// <summary>What fits into <see cref="DeviceOf"/>.</summary>
    public const uint MaxMajor = (1 << 12) - 1;
    public const uint MaxMinor = (1 << 20) - 1;

    /// <summary>The kernel refuses targets of a page and more.</summary>
    public const int MaxTargetBytes = 4095;

    /// <summary>The type in directory entries (<c>FT_REG_FILE</c> and so on).</summary>
    public static byte TypeOf(FileNode node) => node switch
    {
        RegularFile => 1,
        DirectoryNode => 2,
        SymbolicLink => 7,
        SpecialFile special => special.Kind switch
        {
            SpecialKind.CharacterDevice => 3,
            SpecialKind.BlockDevice => 4,
            SpecialKind.Fifo => 5,
            _ => 6,
        },
        _ => throw new ArgumentException($"a node of an unknown kind: {node.GetType()}"),
    };

    /// <summary>The mode: kind (<c>S_IFMT</c>) and permissions.</summary>
    public static ushort ModeOf(FileNode node) => (ushort)(KindOf(node) | (node.Permissions & 0xFFF));

    /// <summary>The device number in 32 bits: the lower eight bits of the minor number lie below the major number, the others above.</summary>
    public static uint DeviceOf(SpecialFile node) => (node.Minor & 0xFF) | (node.Major << 8) | ((node.Minor & ~0xFFu) << 12);

    public static bool IsDevice(FileNode node) => node is SpecialFile { Kind: SpecialKind.BlockDevice or SpecialKind.CharacterDevice };

    public static bool HasSoundTarget(SymbolicLink link) => link.Target.Length is > 0 and <= MaxTargetBytes && !link.Target.AsSpan().Contains((byte)0);

    public static bool HasSoundNumbers(SpecialFile node) => node is { Major: <= MaxMajor, Minor: <= MaxMinor };

    private static int KindOf(FileNode node) => node switch
    {
        RegularFile => 0x8000,
        DirectoryNode => 0x4000,
        SymbolicLink => 0xA000,
        SpecialFile special => special.Kind switch
        {
            SpecialKind.CharacterDevice => 0x2000,
            SpecialKind.BlockDevice => 0x6000,
            SpecialKind.Fifo => 0x1000,
            _ => 0xC000,
        },
        _ => throw new ArgumentException($"a node of an unknown kind: {node.GetType()}"),
    };
}
