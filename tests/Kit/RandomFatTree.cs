using Pipeline.Core.Files;

namespace Pipeline.Kit;

/// <summary>Trees of everything that FAT can hold: short, long, lower-case, mixed and non-Latin names, empty files, holes, hard links.</summary>
public static class RandomFatTree
{
    private static readonly string[] Stems =
        ["a", "README", "vmlinuz", "Makefile", "long name with spaces", ".profile", "grüße", "日本語", "x+y=z,[1];", "a.b.c.d", "UPPER.TXT", "lower.txt", "Mixed.Txt", "Ελληνικά", "~tilde~1"];

    public static FileTree Create(Random random, int count)
    {
        var tree = new FileTree();
        var directories = new List<DirectoryNode> { tree.Root };
        RegularFile? last = null;
        for (var i = 0; i < count; i++)
        {
            var parent = directories[random.Next(directories.Count)];
            var name = FileName.Of(Name(random, i));
            FileNode node = random.Next(6) switch
            {
                0 => new DirectoryNode(),
                1 when last is not null => last,
                _ => last = new RegularFile { Content = Content(random) },
            };
            if (!ReferenceEquals(node, last) || node.Mtime == default)
                node.Mtime = new(random.NextInt64(-1L << 31, 1L << 33), random.Next(1_000_000_000));
            parent.Set(name, node);
            if (node is DirectoryNode directory)
                directories.Add(directory);
        }
        return tree;
    }

    /// <summary>Unique whatever the case: the number sees to it.</summary>
    private static string Name(Random random, int number)
    {
        var stem = Stems[random.Next(Stems.Length)];
        return random.Next(3) switch
        {
            0 => $"{number}{stem}",
            1 => $"{stem}.{number}",
            _ => $"{stem} {new string('n', random.Next(180))}{number}",
        };
    }

    private static FileContent Content(Random random)
    {
        var bytes = new byte[random.Next(4) == 0 ? 0 : random.Next(1, 40_000)];
        random.NextBytes(bytes);
        if (bytes.Length < 10_000 || random.Next(2) == 0)
            return FileContent.Of(bytes);
        return FileContent.Sparse(new MemorySource(bytes), 50_000, [new(5_000, 4_000, 100), new(20_000, 5_000, 5_000)]);
    }
}
