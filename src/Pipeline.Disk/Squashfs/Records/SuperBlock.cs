using System.Numerics;
using Pipeline.Core.Compression;
using Pipeline.Core.Files;
using static System.Buffers.Binary.BinaryPrimitives;
using static Pipeline.Disk.Squashfs.SquashfsFormat;

namespace Pipeline.Disk.Squashfs.Records;

[Flags]
internal enum SuperBlockFlags : ushort
{
    None = 0,
    NoFragments = 0x10,
    AlwaysFragments = 0x20,
    Duplicates = 0x40,
    Exportable = 0x80,
    NoXattrs = 0x200,
    CompressorOptions = 0x400,
}

/// <summary>Where the tables lie; in bytes from the start. Null where there is none.</summary>
internal sealed record TablePlaces(long Inodes, long Directories, long Fragments, long Export, long Ids, long? Xattrs, long EndBytes);

/// <summary>The first 96 bytes.</summary>
internal sealed record SuperBlock(SquashfsOptions Options, int InodeCount, int FragmentCount, int IdCount, ulong RootReference, TablePlaces Places)
{
    /// <summary>Times have 32 bits without a sign.</summary>
    public static uint Seconds(UnixTime time) => (uint)Math.Clamp(time.Seconds, 0, uint.MaxValue);

    public static ushort CompressorOf(CompressionKind kind) => kind switch
    {
        CompressionKind.Gzip => 1,
        CompressionKind.Xz => 4,
        _ => 6,
    };

    public void WriteTo(Span<byte> target)
    {
        WriteUInt32LittleEndian(target, Magic);
        WriteInt32LittleEndian(target[0x4..], InodeCount);
        WriteUInt32LittleEndian(target[0x8..], Seconds(Options.Clock));
        WriteInt32LittleEndian(target[0xC..], Options.BlockBytes);
        WriteInt32LittleEndian(target[0x10..], FragmentCount);
        WriteUInt16LittleEndian(target[0x14..], CompressorOf(Options.Compression));
        WriteUInt16LittleEndian(target[0x16..], (ushort)BitOperations.Log2((uint)Options.BlockBytes));
        WriteUInt16LittleEndian(target[0x18..], (ushort)Flags);
        WriteUInt16LittleEndian(target[0x1A..], (ushort)IdCount);
        WriteUInt16LittleEndian(target[0x1C..], 4);                      // version 4.0
        WriteUInt16LittleEndian(target[0x1E..], 0);
        WriteUInt64LittleEndian(target[0x20..], RootReference);
        WriteInt64LittleEndian(target[0x28..], Places.EndBytes);         // bytes_used
        WriteInt64LittleEndian(target[0x30..], Places.Ids);
        WriteUInt64LittleEndian(target[0x38..], (ulong?)Places.Xattrs ?? NoTable);
        WriteInt64LittleEndian(target[0x40..], Places.Inodes);
        WriteInt64LittleEndian(target[0x48..], Places.Directories);
        WriteInt64LittleEndian(target[0x50..], Places.Fragments);
        WriteInt64LittleEndian(target[0x58..], Places.Export);
    }

    private SuperBlockFlags Flags =>
        SuperBlockFlags.Duplicates | SuperBlockFlags.Exportable
        | (Options.PacksTails ? SuperBlockFlags.AlwaysFragments : SuperBlockFlags.None)
        | (Places.Xattrs is null ? SuperBlockFlags.NoXattrs : SuperBlockFlags.None)
        | (CompressorOptions.Of(Options).Length > 0 ? SuperBlockFlags.CompressorOptions : SuperBlockFlags.None);
}

/// <summary>A metadata block behind the superblock that says how blocks were packed; only where it is not the usual way.</summary>
internal static class CompressorOptions
{
    private const int ZlibWindowLog = 15;

    public static byte[] Of(SquashfsOptions options)
    {
        var usual = BlockCompressor.Levels(options.Compression).Default;
        var level = options.Level ?? usual;
        if (level == usual || options.Compression == CompressionKind.Xz)
            return [];
        var block = new byte[2 + (options.Compression == CompressionKind.Gzip ? 8 : 4)];
        WriteUInt16LittleEndian(block, (ushort)((block.Length - 2) | MetadataStored));
        WriteInt32LittleEndian(block.AsSpan(2), level);
        if (options.Compression == CompressionKind.Gzip)
            WriteUInt16LittleEndian(block.AsSpan(6), ZlibWindowLog);    // then the strategies: none but the usual one
        return block;
    }
}
