using Pipeline.Core.Blocks;
using Pipeline.Core.Hashing;
using Pipeline.Disk.Ext4.Placing;
using Pipeline.Disk.Ext4.Records;
using static Pipeline.Disk.Ext4.Ext4Format;

namespace Pipeline.Disk.Ext4;

/// <summary>Writes the bitmaps of the groups that have something in them, and makes the descriptors of all.</summary>
internal sealed class GroupWriter
{
    private readonly Ext4Layout _layout;
    private readonly Geometry _geometry;
    private readonly uint _seed;
    private readonly List<BlockRun> _used;
    private readonly int[] _directories;
    private int _nextRun;

    public GroupWriter(Ext4Layout layout, uint seed)
    {
        (_layout, _geometry, _seed) = (layout, layout.Geometry, seed);
        _used = BlockRun.Merge([.. _geometry.Tables, .. _geometry.Space.Runs(0, layout.Placement.End)]);
        _directories = new int[_geometry.GroupCount];
        foreach (var directory in layout.Plan.Inodes.Directories)
            _directories[(InodeMap.InodeOf(directory.Index) - 1) / _geometry.InodesPerGroup]++;
    }

    /// <summary>Writes the bitmaps and returns the descriptor table in whole blocks.</summary>
    public byte[] WriteBitmaps(IBlockSink sink, CancellationToken ct)
    {
        var table = new byte[_geometry.DescriptorBlocks * BlockBytes];
        var bitmap = new byte[BlockBytes];
        for (var group = 0; group < _geometry.GroupCount; group++)
        {
            ct.ThrowIfCancellationRequested();
            var inodes = WriteInodeBitmap(sink, group, bitmap);
            var blocks = WriteBlockBitmap(sink, group, bitmap);
            new GroupDescriptor(_geometry.BlockBitmaps[group], _geometry.InodeBitmaps[group], _geometry.InodeTables[group])
            {
                FreeBlocks = _geometry.BlocksIn(group) - blocks.Used,
                FreeInodes = _geometry.InodesPerGroup - inodes.Used,
                Directories = _directories[group],
                UnusedInodes = _geometry.InodesPerGroup - inodes.Used,
                Flags = GroupFlags.InodeZeroed | inodes.Flags | blocks.Flags,
                BlockBitmapChecksum = blocks.Checksum,
                InodeBitmapChecksum = inodes.Checksum,
            }.WriteTo(table.AsSpan(group * DescriptorBytes), group, _seed);
        }
        return table;
    }

    private (int Used, GroupFlags Flags, uint Checksum) WriteBlockBitmap(IBlockSink sink, int group, byte[] bitmap)
    {
        var blocks = _geometry.BlocksIn(group);
        var used = MarkUsed(group, blocks, bitmap);
        if (used == _geometry.HeadBlocks(group) && group < _geometry.GroupCount - 1)
            return (used, GroupFlags.BlockUninit, 0);
        Bitmap.Set(bitmap, blocks, BlocksPerGroup - blocks);
        sink.Write(_geometry.BlockBitmaps[group] * BlockBytes, bitmap);
        return (used, GroupFlags.None, Crc32C.Append(_seed, bitmap));
    }

    private int MarkUsed(int group, int blocks, byte[] bitmap)
    {
        bitmap.AsSpan().Clear();
        var start = Geometry.FirstBlock(group);
        var end = start + blocks;
        var used = 0;
        while (_nextRun < _used.Count && _used[_nextRun].Block < end)
        {
            var from = Math.Max(_used[_nextRun].Block, start);
            var to = Math.Min(_used[_nextRun].End, end);
            Bitmap.Set(bitmap, (int)(from - start), (int)(to - from));
            used += (int)(to - from);
            if (_used[_nextRun].End > end)
                break;
            _nextRun++;
        }
        return used;
    }

    /// <summary>Inodes are given out without gaps, so the used ones are the first of a group.</summary>
    private (int Used, GroupFlags Flags, uint Checksum) WriteInodeBitmap(IBlockSink sink, int group, byte[] bitmap)
    {
        var perGroup = _geometry.InodesPerGroup;
        var used = (int)Math.Clamp(_layout.Plan.Inodes.LastInode - (long)group * perGroup, 0, perGroup);
        if (used == 0)
            return (0, GroupFlags.InodeUninit, 0);
        bitmap.AsSpan().Clear();
        Bitmap.Set(bitmap, 0, used);
        Bitmap.Set(bitmap, perGroup, MaxInodesPerGroup - perGroup);
        sink.Write(_geometry.InodeBitmaps[group] * BlockBytes, bitmap);
        return (used, GroupFlags.None, Crc32C.Append(_seed, bitmap.AsSpan(0, perGroup / 8)));
    }
}
