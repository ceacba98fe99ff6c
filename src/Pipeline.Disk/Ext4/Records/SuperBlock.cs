using System.Text;
using Pipeline.Core.Hashing;
using Pipeline.Disk.Ext4.Placing;
using static System.Buffers.Binary.BinaryPrimitives;
using static Pipeline.Disk.Ext4.Ext4Format;

namespace Pipeline.Disk.Ext4.Records;

[Flags]
internal enum CompatibleFeatures : uint
{
    HasJournal = 0x4,
    ExtAttr = 0x8,
    ResizeInode = 0x10,
    DirIndex = 0x20,
}

[Flags]
internal enum IncompatibleFeatures : uint
{
    FileType = 0x2,
    Extents = 0x40,
    SixtyFourBit = 0x80,
    FlexBg = 0x200,
}

[Flags]
internal enum ReadOnlyFeatures : uint
{
    SparseSuper = 0x1,
    LargeFile = 0x2,
    HugeFile = 0x8,
    DirNlink = 0x20,
    ExtraIsize = 0x40,
    MetadataCsum = 0x400,
}

/// <summary>The superblock: 1024 bytes, at byte 1024 of the file system and at the start of the groups that keep copies.</summary>
internal sealed record SuperBlock
{
    public const int SizeBytes = 1024;
    public const int PrimaryOffsetBytes = 1024;

    private const ushort Magic = 0xEF53;
    private const uint UserXattrAndAcl = 0x4 | 0x8;
    private const uint SignedDirectoryHash = 0x1;
    private const int LabelBytes = 16;

    public required Ext4Options Options { get; init; }

    public required Geometry Geometry { get; init; }

    public required long FreeBlocks { get; init; }

    public required int FreeInodes { get; init; }

    /// <summary>The journal's i_block and length, kept a second time for repairs; empty without a journal.</summary>
    public required byte[] JournalMap { get; init; }

    private bool HasJournal => Geometry.JournalBlocks > 0;

    /// <summary>Root keeps a twentieth for itself as mke2fs does, but never more than half of what is free.</summary>
    private long ReservedBlocks => Math.Min(Geometry.BlockCount / 20, FreeBlocks / 2);

    private long OverheadBlocks => Geometry.Tables.Sum(t => t.Count) + Geometry.JournalBlocks;

    /// <param name="target">1024 bytes, all zero.</param>
    /// <param name="group">The group whose copy this is; 0 for the primary.</param>
    public void WriteTo(Span<byte> target, int group)
    {
        WriteCounts(target);
        WriteIdentity(target, group);
        WriteFeatures(target);
        WriteUInt32LittleEndian(target[0x3FC..], Crc32C.Append(Crc32C.Seed, target[..0x3FC])); // s_checksum: all before it
    }

    private void WriteCounts(Span<byte> target)
    {
        WriteInt32LittleEndian(target, Geometry.InodeCount);
        WriteUInt32LittleEndian(target[0x4..], (uint)Geometry.BlockCount);
        WriteUInt32LittleEndian(target[0x8..], (uint)ReservedBlocks);
        WriteUInt32LittleEndian(target[0xC..], (uint)FreeBlocks);
        WriteInt32LittleEndian(target[0x10..], FreeInodes);
        WriteUInt32LittleEndian(target[0x18..], 2);                     // s_log_block_size: 1024 << 2
        WriteUInt32LittleEndian(target[0x1C..], 2);                     // s_log_cluster_size
        WriteInt32LittleEndian(target[0x20..], BlocksPerGroup);
        WriteInt32LittleEndian(target[0x24..], BlocksPerGroup);         // s_clusters_per_group
        WriteInt32LittleEndian(target[0x28..], Geometry.InodesPerGroup);
        WriteUInt32LittleEndian(target[0x248..], (uint)OverheadBlocks); // s_overhead_clusters
    }

    private void WriteIdentity(Span<byte> target, int group)
    {
        var clock = Math.Clamp(Options.Clock.Seconds, 0, (1L << 40) - 1);
        WriteUInt32LittleEndian(target[0x30..], (uint)clock);           // s_wtime
        WriteUInt16LittleEndian(target[0x36..], 0xFFFF);                // s_max_mnt_count: no check after so many mounts
        WriteUInt16LittleEndian(target[0x38..], Magic);
        WriteUInt16LittleEndian(target[0x3A..], 1);                     // s_state: cleanly unmounted
        WriteUInt16LittleEndian(target[0x3C..], 1);                     // s_errors: continue
        WriteUInt32LittleEndian(target[0x40..], (uint)clock);           // s_lastcheck
        WriteUInt32LittleEndian(target[0x4C..], 1);                     // s_rev_level: dynamic
        WriteUInt32LittleEndian(target[0x54..], FirstInode);
        WriteUInt16LittleEndian(target[0x58..], InodeBytes);
        WriteUInt16LittleEndian(target[0x5A..], (ushort)group);         // s_block_group_nr
        Options.Uuid.TryWriteBytes(target[0x68..], bigEndian: true, out _);
        Encoding.UTF8.GetBytes(Options.Label ?? "", target.Slice(0x78, LabelBytes));
        Options.HashSeed.TryWriteBytes(target[0xEC..], bigEndian: true, out _);
        WriteUInt32LittleEndian(target[0x108..], (uint)clock);          // s_mkfs_time
        target[0x274] = (byte)(clock >> 32);                            // s_wtime_hi
        target[0x276] = (byte)(clock >> 32);                            // s_mkfs_time_hi
        target[0x277] = (byte)(clock >> 32);                            // s_lastcheck_hi
    }

    private void WriteFeatures(Span<byte> target)
    {
        var compatible = CompatibleFeatures.ExtAttr | CompatibleFeatures.ResizeInode | CompatibleFeatures.DirIndex;
        var incompatible = IncompatibleFeatures.FileType | IncompatibleFeatures.Extents | IncompatibleFeatures.SixtyFourBit | IncompatibleFeatures.FlexBg;
        var readOnly = ReadOnlyFeatures.SparseSuper | ReadOnlyFeatures.LargeFile | ReadOnlyFeatures.HugeFile
            | ReadOnlyFeatures.DirNlink | ReadOnlyFeatures.ExtraIsize | ReadOnlyFeatures.MetadataCsum;
        if (HasJournal)
            compatible |= CompatibleFeatures.HasJournal;
        WriteUInt32LittleEndian(target[0x5C..], (uint)compatible);
        WriteUInt32LittleEndian(target[0x60..], (uint)incompatible);
        WriteUInt32LittleEndian(target[0x64..], (uint)readOnly);
        WriteUInt16LittleEndian(target[0xCE..], (ushort)Geometry.ReservedDescriptorBlocks);
        WriteUInt32LittleEndian(target[0xE0..], HasJournal ? JournalInode : 0u);
        target[0xFC] = 1;                                               // s_def_hash_version: half MD4
        target[0xFD] = (byte)(HasJournal ? 1 : 0);                      // s_jnl_backup_type: s_jnl_blocks holds a copy
        WriteUInt16LittleEndian(target[0xFE..], DescriptorBytes);
        WriteUInt32LittleEndian(target[0x100..], UserXattrAndAcl);      // s_default_mount_opts
        JournalMap.CopyTo(target[0x10C..]);                             // s_jnl_blocks
        WriteUInt16LittleEndian(target[0x15C..], Inode.ExtraBytes);     // s_min_extra_isize
        WriteUInt16LittleEndian(target[0x15E..], Inode.ExtraBytes);     // s_want_extra_isize
        WriteUInt32LittleEndian(target[0x160..], SignedDirectoryHash);  // s_flags
        target[0x174] = 4;                                              // s_log_groups_per_flex: 16
        target[0x175] = 1;                                              // s_checksum_type: CRC-32C
    }
}
