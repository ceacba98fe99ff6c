using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Pipeline.Core.Files;
using Pipeline.Core.Reporting;
using Pipeline.Disk.Squashfs;
using Shouldly;

namespace Pipeline.Kit;

/// <summary>
/// Three judges of squashfs who share no code: unsquashfs extracts the image, rdsquashfs reads it (libsquashfs), and the
/// kernel mounts it where that is permitted. What each gives out is compared with the tree: kinds, modes, owners, links,
/// times, targets, device numbers, attributes with their values, contents. Names are compared as bytes; modes of links are
/// not, because a link that is extracted has none.
/// </summary>
internal static class SquashfsJudge
{
    public static readonly UnixTime Clock = new(1_700_000_000);

    public static SquashfsOptions Options { get; } = new() { Clock = Clock, Level = 1 };

    /// <summary>Prints one line a file: what lstat, lgetxattr and the content say.</summary>
    private const string Lister = """
        import os, sys, stat, hashlib
        root = sys.argv[1].encode()
        def names(path):
            # A squashfs without any attribute says that it does not know them.
            try: return os.listxattr(path, follow_symlinks=False)
            except OSError as e:
                if e.errno != 95: raise
                return []
        def line(path, name):
            s = os.lstat(path)
            size, detail = 0, ''
            if stat.S_ISREG(s.st_mode):
                size = s.st_size
                h = hashlib.sha256()
                if size < 1 << 28:
                    with open(path, 'rb') as f:
                        while b := f.read(1 << 20): h.update(b)
                    detail = h.hexdigest().upper()
            elif stat.S_ISLNK(s.st_mode): detail = os.readlink(path).hex().upper()
            elif s.st_rdev: detail = '%d:%d' % (os.major(s.st_rdev), os.minor(s.st_rdev))
            x = sorted(n + '=' + os.getxattr(path, n, follow_symlinks=False).hex().upper() for n in names(path))
            print(name.hex().upper() or '2F', '%o' % (stat.S_IFLNK | 0o777 if stat.S_ISLNK(s.st_mode) else s.st_mode), s.st_uid, s.st_gid, 0 if stat.S_ISDIR(s.st_mode) else s.st_nlink, size, s.st_mtime_ns // 10**9, detail, ';'.join(x))
        todo = [(root, b'')]
        while todo:
            path, name = todo.pop()
            line(path, name)
            if stat.S_ISDIR(os.lstat(path).st_mode):
                todo += [(path + b'/' + n, name + b'/' + n) for n in os.listdir(path)]
        """;

    /// <summary>Writes a tree and gives the file's bytes by a sink, as an image does.</summary>
    public static void Write(string path, FileTree tree, SquashfsOptions? options = null, int parallelism = 2)
    {
        var layout = SquashfsLayout.Place(tree, options ?? Options, null);
        layout.IsOk.ShouldBeTrue(string.Join('\n', layout.Diagnostics));
        var packed = SquashfsWriter.Pack(layout.Value!, Context(Path.GetDirectoryName(path)!, parallelism), CancellationToken.None);
        packed.IsOk.ShouldBeTrue(string.Join('\n', packed.Diagnostics));
        using var writer = packed.Value!;
        Core.Blocks.FileSink.Create(path, writer.LengthBytes, sink =>
        {
            writer.Pour(sink, parallelism, CancellationToken.None);
            writer.Seal(sink, CancellationToken.None);
        });
    }

    public static PackContext Context(string directory, int parallelism = 2) =>
        new(directory, parallelism, SilentReporter.Instance.Begin("", null));

    /// <summary>All judges.</summary>
    public static void ShouldHold(string image, FileTree tree)
    {
        Extracted(image).ShouldBe(Sorted(Expect(tree)));
        ShouldList(image, tree);
    }

    /// <summary>Those who need no room: for trees of very many files.</summary>
    public static void ShouldList(string image, FileTree tree)
    {
        Tool.Require("rdsquashfs", "-d", image).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length.ShouldBeGreaterThanOrEqualTo(tree.Walk().Count());
        var listed = Tool.Require("unsquashfs", "-lln", image).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        listed.Count(l => l.Contains("squashfs-root", StringComparison.Ordinal)).ShouldBe(tree.Walk().Count() + 1);
        if (Mounted(image) is { } mounted)
            mounted.ShouldBe(Sorted(Expect(tree)));
    }

    /// <summary>What unsquashfs takes out; it must not complain.</summary>
    public static string Extracted(string image)
    {
        using var dir = new TempDir();
        try
        {
            var result = Tool.Run("unsquashfs", "-no-progress", "-strict-errors", "-d", dir["x"], image);
            result.ExitCode.ShouldBe(0, result.Output);
            result.Stderr.ShouldBeEmpty();
            return List(dir["x"]);
        }
        finally
        {
            Tool.Require("rm", "-rf", dir["x"]);                    // names that are not text are beyond .NET
        }
    }

    /// <summary>What the kernel shows; null where mounting is not permitted.</summary>
    public static string? Mounted(string image)
    {
        using var dir = new TempDir();
        Directory.CreateDirectory(dir["m"]);
        var mounted = Tool.Run("mount", "-t", "squashfs", "-o", "loop,ro", image, dir["m"]);
        if (mounted.ExitCode != 0 && IsRefusal(mounted.Output))
            return null;
        mounted.ExitCode.ShouldBe(0, mounted.Output);
        try
        {
            return List(dir["m"]);
        }
        finally
        {
            Tool.Require("umount", dir["m"]);
        }
    }

    public static string Sorted(IEnumerable<string> lines) => string.Join('\n', lines.Order(StringComparer.Ordinal));

    public static IEnumerable<string> Expect(FileTree tree)
    {
        List<(string Path, FileNode Node)> all = [("2F", tree.Root), .. Walk(tree.Root, "")];
        var links = all.GroupBy(n => n.Node, ReferenceEqualityComparer.Instance).ToDictionary(g => g.Key!, g => g.Count(), ReferenceEqualityComparer.Instance);
        foreach (var (path, node) in all)
        {
            var (kind, size, detail) = Describe(node);
            var count = node is DirectoryNode ? 0 : links[node];
            var names = node.Xattrs.Where(x => !x.Name.StartsWith("system.", StringComparison.Ordinal));
            var xattrs = string.Join(';', names.Select(x => $"{x.Name}={Convert.ToHexString(x.Value)}").Order(StringComparer.Ordinal));
            yield return string.Create(CultureInfo.InvariantCulture,
                $"{path} {Convert.ToString(kind | (node is SymbolicLink ? 0x1FF : node.Permissions), 8)} {node.Uid} {node.Gid} {count} {size} {Math.Clamp(node.Mtime.Seconds, 0, uint.MaxValue)} {detail} {xattrs}");
        }
    }

    private static (int Kind, long Size, string Detail) Describe(FileNode node) => node switch
    {
        RegularFile file => (0x8000, file.Content.LengthBytes, Hash(file.Content)),
        SymbolicLink link => (0xA000, 0L, Convert.ToHexString(link.Target)),
        DirectoryNode => (0x4000, 0L, ""),
        SpecialFile { Kind: SpecialKind.Fifo } => (0x1000, 0L, ""),
        SpecialFile { Kind: SpecialKind.Socket } => (0xC000, 0L, ""),
        SpecialFile special => (special.Kind == SpecialKind.BlockDevice ? 0x6000 : 0x2000, 0L, $"{special.Major}:{special.Minor}"),
        _ => throw new ArgumentException(node.ToString()),
    };

    internal static string List(string directory)
    {
        var listed = Tool.Run(new ProcessStartInfo("python3", ["-", directory]), Lister);
        listed.ExitCode.ShouldBe(0, listed.Stderr);
        return Sorted(listed.Stdout.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    private static IEnumerable<(string Path, FileNode Node)> Walk(DirectoryNode directory, string prefix)
    {
        foreach (var (name, node) in directory.Children)
        {
            var path = prefix + "2F" + Convert.ToHexString(name.Bytes);
            yield return (path, node);
            if (node is DirectoryNode child)
            {
                foreach (var below in Walk(child, path))
                    yield return below;
            }
        }
    }

    internal static bool IsRefusal(string output) =>
        !File.Exists("/dev/loop-control") || new[] { "superuser", "ermission denied", "not permitted", "loop device", "unknown filesystem" }.Any(output.Contains);

    private static string Hash(FileContent content) =>
        content.LengthBytes >= 1 << 28 ? "" : Convert.ToHexString(SHA256.HashData(content.ReadAll(1 << 28)));
}
