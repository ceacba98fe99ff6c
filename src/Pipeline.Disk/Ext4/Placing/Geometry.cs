using static Pipeline.Disk.Ext4.Ext4Format;

namespace Pipeline.Disk.Ext4.Placing;

/// <summary>
/// Where the tables lie: a function of the length and the number of inodes alone. Follows mke2fs: block groups of 128 MiB,
/// the bitmaps and inode tables of sixteen groups packed into the first of them (flex_bg), copies of the superblock and
/// the descriptors in groups 0, 1 and the powers of 3, 5 and 7 (sparse_super), and room for growing to 1024 times the size.
/// </summary>
internal sealed class Geometry
{
    private const int BytesPerInode = 16384;

    /// <summary>A last group needs this many blocks beyond its own tables, or it is left out.</summary>
    private const int MinLastGroupBlocks = 50;

    private const int GrowthFactor = 1024;
    private const int MaxReservedDescriptorBlocks = BlockBytes / 4;

    private Geometry(long blockCount, long inodesWanted)
    {
        BlockCount = blockCount;
        GroupCount = (int)((blockCount + BlocksPerGroup - 1) / BlocksPerGroup);
        DescriptorBlocks = CeilingDivide(GroupCount, DescriptorsPerBlock);
        var grownGroups = (Math.Min(blockCount * GrowthFactor, uint.MaxValue) + BlocksPerGroup - 1) / BlocksPerGroup;
        ReservedDescriptorBlocks = (int)Math.Clamp((grownGroups + DescriptorsPerBlock - 1) / DescriptorsPerBlock - DescriptorBlocks, 0, MaxReservedDescriptorBlocks);
        var inodes = Math.Max(inodesWanted, blockCount * BlockBytes / BytesPerInode);
        var inodesPerGroup = (inodes + GroupCount - 1) / GroupCount;
        InodesPerGroup = (int)Math.Min((inodesPerGroup + InodesPerBlock - 1) / InodesPerBlock * InodesPerBlock, MaxInodesPerGroup);
        JournalBlocks = Records.Journal.DefaultBlocks(blockCount);
        BlockBitmaps = new long[GroupCount];
        InodeBitmaps = new long[GroupCount];
        InodeTables = new long[GroupCount];
    }

    public long BlockCount { get; }

    public int GroupCount { get; }

    public int DescriptorBlocks { get; }

    public int ReservedDescriptorBlocks { get; }

    public int InodesPerGroup { get; }

    public int InodeTableBlocks => InodesPerGroup / InodesPerBlock;

    public int InodeCount => InodesPerGroup * GroupCount;

    /// <summary>Zero where the file system is too small for a journal.</summary>
    public int JournalBlocks { get; }

    public long[] BlockBitmaps { get; }

    public long[] InodeBitmaps { get; }

    public long[] InodeTables { get; }

    /// <summary>All tables, ascending, touching ones merged.</summary>
    public IReadOnlyList<BlockRun> Tables { get; private set; } = [];

    /// <summary>The blocks that are left for directories, journal and contents.</summary>
    public BlockMap Space { get; private set; } = new([], 0);

    /// <summary>Null where the length has no room for the tables themselves, or cannot count that many inodes.</summary>
    public static Geometry? TryCreate(long lengthBytes, long inodesWanted)
    {
        var geometry = new Geometry(Math.Max(1, lengthBytes / BlockBytes), inodesWanted);
        var last = geometry.BlocksIn(geometry.GroupCount - 1);
        if (last < geometry.OverheadOf(geometry.GroupCount - 1) + MinLastGroupBlocks)
        {
            if (geometry.GroupCount == 1)
                return null;
            geometry = new Geometry(geometry.BlockCount - last, inodesWanted);
        }
        return geometry.InodeCount >= inodesWanted && geometry.TryPlaceTables() ? geometry : null;
    }

    /// <summary>Whether a group begins with a copy of the superblock and the descriptors.</summary>
    public static bool HasSuperBlock(int group) => group <= 1 || IsPower(group, 3) || IsPower(group, 5) || IsPower(group, 7);

    public static long FirstBlock(int group) => (long)group * BlocksPerGroup;

    public int BlocksIn(int group) => (int)Math.Min(BlocksPerGroup, BlockCount - FirstBlock(group));

    /// <summary>Superblock, descriptors and room for more of them at the start of a group: 0 blocks in most groups.</summary>
    public int HeadBlocks(int group) => HasSuperBlock(group) ? 1 + DescriptorBlocks + ReservedDescriptorBlocks : 0;

    public IEnumerable<int> GroupsWithSuperBlock() => Enumerable.Range(0, GroupCount).Where(HasSuperBlock);

    private int OverheadOf(int group) => HeadBlocks(group) + 2 + InodeTableBlocks;

    private bool TryPlaceTables()
    {
        var runs = new List<BlockRun>();
        runs.AddRange(GroupsWithSuperBlock().Select(g => new BlockRun(FirstBlock(g), HeadBlocks(g))));
        for (var first = 0; first < GroupCount; first += GroupsPerFlex)
        {
            if (!TryPlaceFlexGroup(first, runs))
                return false;
        }
        Tables = BlockRun.Merge(runs);
        Space = new BlockMap(Tables, BlockCount);
        return true;
    }

    private bool TryPlaceFlexGroup(int first, List<BlockRun> runs)
    {
        var groups = Math.Min(GroupsPerFlex, GroupCount - first);
        var cursor = FirstBlock(first) + HeadBlocks(first);
        for (var i = 0; i < groups; i++)
        {
            BlockBitmaps[first + i] = cursor + i;
            InodeBitmaps[first + i] = cursor + groups + i;
        }
        runs.Add(new(cursor, 2 * groups));
        cursor += 2 * groups;
        for (var i = 0; i < groups; i++)
        {
            cursor = SkipHead(cursor, InodeTableBlocks);
            InodeTables[first + i] = cursor;
            runs.Add(new(cursor, InodeTableBlocks));
            cursor += InodeTableBlocks;
        }
        return cursor <= Math.Min(FirstBlock(first + groups), BlockCount);
    }

    /// <summary>A table that does not fit into its group any more begins in the next one, behind its head.</summary>
    private long SkipHead(long cursor, int count)
    {
        var next = (int)(cursor / BlocksPerGroup) + 1;
        return cursor + count <= FirstBlock(next) ? cursor : FirstBlock(next) + HeadBlocks(next);
    }

    private static bool IsPower(int number, int of)
    {
        var power = (long)of;
        while (power < number)
            power *= of;
        return power == number;
    }

    private static int CeilingDivide(int number, int by) => (number + by - 1) / by;
}
