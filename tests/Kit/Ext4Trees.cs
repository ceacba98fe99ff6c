using System.Text;
using Pipeline.Core.Files;

namespace Pipeline.Kit;

/// <summary>Trees with all that an ext4 file system must hold, and random ones.</summary>
public static class Ext4Trees
{
    public static readonly byte[] Capability = Convert.FromHexString("0100000200200000000000000000000000000000");

    /// <summary>user::rw-, user:100000:r--, group::r--, mask::r--, other::r-- in the form of the system call.</summary>
    public static readonly byte[] Acl = Convert.FromHexString("02000000" + "01000600FFFFFFFF" + "02000400A0860100" + "04000400FFFFFFFF" + "10000400FFFFFFFF" + "20000400FFFFFFFF");

    public static byte[] Bytes(int length, int seed)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>Each case once; names are UTF-8, so that debugfs can be asked by path.</summary>
    public static FileTree Torture()
    {
        var tree = new FileTree();
        tree.Root.Uid = 7;
        tree.Root.Mtime = new(1_234_567_890, 5);
        tree.Set("/empty", File([]));
        tree.Set("/one", File([42]));
        tree.Set("/block", File(Bytes(4096, 1)));
        tree.Set("/block and one", File(Bytes(4097, 2)));
        tree.Set("/big", File(Bytes(3_000_000, 3)));
        var linked = File(Bytes(10, 4));
        foreach (var path in new[] { "/a/link1", "/b/link2", "/link3" })
            tree.Set(path, linked);
        tree.Set("/old", With(File([1]), f => f.Mtime = new(-1, 999_999_999)));
        tree.Set("/later", With(File([1]), f => f.Mtime = new(1L << 33, 1)));
        tree.Set("/owned", With(File([1]), f => (f.Uid, f.Gid, f.Permissions) = (1_000_000, 3_000_000_000, 0xFFF)));
        tree.Set("/fast", Link(new string('f', 59)));
        tree.Set("/slow", Link(new string('s', 60)));
        tree.Set("/slowest", Link(new string('s', 4095)));
        tree.Set("/dev/null", Special(SpecialKind.CharacterDevice, 1, 3));
        tree.Set("/dev/nvme", Special(SpecialKind.BlockDevice, 259, 70_000));
        tree.Set("/dev/last", Special(SpecialKind.BlockDevice, 4095, 1_048_575));
        tree.Set("/dev/fifo", Special(SpecialKind.Fifo, 0, 0));
        tree.Set("/dev/socket", Special(SpecialKind.Socket, 0, 0));
        tree.Set("/ping", With(File([1]), f => f.Xattrs = [new("security.capability", Capability)]));
        tree.Set("/acl", With(File([1]), f => (f.Xattrs, f.Permissions) = ([new("system.posix_acl_access", Acl)], 0x1A4)));
        tree.Set("/many", With(File([1]), f => f.Xattrs = [.. Enumerable.Range(0, 12).Select(i => new Xattr($"user.name{i}", Bytes(i * 20, i)))]));
        tree.Set("/large", With(File([1]), f => f.Xattrs = [new("user.large", Bytes(2000, 9)), new("trusted.t", [1, 2, 3])]));
        tree.Set("/linkx", With(Link("x"), f => f.Xattrs = [new("security.selinux", "system_u:object_r:bin_t:s0\0"u8.ToArray())]));
        for (var i = 0; i < 3; i++)
            tree.Set($"/shared{i}", With(File([1]), f => f.Xattrs = [new("user.shared", Bytes(500, 8))]));
        tree.Set("/holes", SparseFile(1_000_000, [(5000, 10), (8190, 4), (8200, 5), (300_000, 70_000), (999_999, 1)]));
        tree.Set("/hole", SparseFile(123_456, []));
        tree.Set("/" + new string('n', 255), File([1]));
        var deep = string.Concat(Enumerable.Range(0, 60).Select(i => $"/deep{i}"));
        tree.Set(deep + "/file", File(Bytes(100, 5)));
        tree.EnsureDirectory("/nothing", default).Permissions = 0x3FF;
        return tree;
    }

    /// <summary>Reproducible by its seed: up to a few hundred nodes of all kinds, put in in random order.</summary>
    public static FileTree Random(int seed)
    {
        var random = new Random(seed);
        var tree = new FileTree();
        var folders = new List<string> { "" };
        var files = new List<FileNode>();
        var count = random.Next(1, 300);
        for (var i = 0; i < count; i++)
        {
            var name = Name(random, i);
            var path = folders[random.Next(folders.Count)] + "/" + name;
            var node = Node(random, files);
            if (node is DirectoryNode)
                folders.Add(path);
            tree.Set(path, node);
        }
        return tree;
    }

    public static RegularFile File(byte[] bytes) => new() { Permissions = 0x1A4, Content = FileContent.Of(bytes), Mtime = new(1_600_000_000, 123_456_789) };

    public static SymbolicLink Link(string target) => new() { Target = Encoding.UTF8.GetBytes(target), Permissions = 0x1FF, Mtime = new(1_600_000_001) };

    public static SpecialFile Special(SpecialKind kind, uint major, uint minor) => new() { Kind = kind, Major = major, Minor = minor, Permissions = 0x1B0 };

    /// <summary>Random bytes at the places said, holes elsewhere.</summary>
    public static RegularFile SparseFile(long length, (long Offset, int Length)[] runs)
    {
        var data = Bytes(runs.Sum(r => r.Length), 6);
        var extents = new List<DataExtent>();
        var at = 0L;
        foreach (var run in runs)
        {
            extents.Add(new(run.Offset, run.Length, at));
            at += run.Length;
        }
        return new() { Permissions = 0x180, Content = FileContent.Sparse(new MemorySource(data), length, [.. extents]) };
    }

    private static T With<T>(T node, Action<T> change) where T : FileNode
    {
        change(node);
        return node;
    }

    private static string Name(Random random, int number)
    {
        var letters = "aZ09._- äß漢🙂";
        var runes = letters.EnumerateRunes().ToArray();
        var name = new StringBuilder($"{number}");
        for (var length = random.Next(0, random.Next(10) == 0 ? 60 : 12); length > 0; length--)
            name.Append(runes[random.Next(runes.Length)]);
        return name.Append('.').ToString();
    }

    private static FileNode Node(Random random, List<FileNode> files)
    {
        FileNode node = random.Next(12) switch
        {
            0 or 1 or 2 => new DirectoryNode(),
            3 => Link(new string('t', random.Next(1, 120))),
            4 => Special((SpecialKind)random.Next(2), (uint)random.Next(4096), (uint)random.Next(1 << 20)),
            5 => Special((SpecialKind)random.Next(2, 4), 0, 0),
            6 when files.Count > 0 => files[random.Next(files.Count)],
            7 => SparseFile(random.Next(1, 1 << 20) + (1 << 20), [.. Enumerable.Range(0, random.Next(0, 9)).Select(i => ((long)(i * 100_000 + random.Next(60_000)), random.Next(1, 40_000)))]),
            _ => File(Bytes(random.Next(4) == 0 ? random.Next(200_000) : random.Next(9000), random.Next())),
        };
        if (files.Contains(node))
            return node;
        node.Permissions = (ushort)random.Next(4096);
        (node.Uid, node.Gid) = ((uint)random.Next(), (uint)random.Next(100_000));
        node.Mtime = new(random.NextInt64(-(1L << 31), 1L << 33), random.Next(1_000_000_000));
        if (random.Next(5) == 0)
            node.Xattrs = [.. Enumerable.Range(0, random.Next(1, 5)).Select(i => new Xattr((i % 2 == 0 ? "trusted.x" : "security.y") + i, Bytes(random.Next(random.Next(2) == 0 ? 40 : 700), random.Next())))];
        if (node is RegularFile or SymbolicLink)
            files.Add(node);
        return node;
    }
}
