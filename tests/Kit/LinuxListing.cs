using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Pipeline.Core.Files;
using Shouldly;

namespace Pipeline.Kit;

/// <summary>What a judge can show of a tree; the rest is not compared.</summary>
internal sealed record ListingView
{
    public bool HasXattrs { get; init; } = true;

    public bool HasAcls { get; init; } = true;

    public bool HasLinks { get; init; } = true;

    /// <summary>Whether a set-uid or set-gid bit of what is not a directory is still there.</summary>
    public bool HasSetIds { get; init; } = true;

    /// <summary>What is not shown at all.</summary>
    public Func<FileNode, bool> Hides { get; init; } = _ => false;

    /// <summary>Whether times have parts of seconds; without, they are counted in seconds.</summary>
    public bool HasNanoseconds { get; init; } = true;

    /// <summary>As the format keeps times.</summary>
    public Func<UnixTime, UnixTime> Time { get; init; } = t => t;
}

/// <summary>
/// A directory as Linux shows it (lstat, lgetxattr, contents), and the same made of a tree: kinds, modes, owners, links, times,
/// targets, device numbers, attributes with their values, contents. Names are compared as bytes; modes of links are not,
/// because a link that is extracted has none.
/// </summary>
internal static class LinuxListing
{
    /// <summary>Prints one line a file: what lstat, lgetxattr and the content say.</summary>
    private const string Lister = """
        import os, sys, stat, hashlib
        root = sys.argv[1].encode()
        def names(path):
            if not sys.argv[2]: return []
            # A file system without any attribute may say that it does not know them.
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
            print(name.hex().upper() or '2F', '%o' % (stat.S_IFLNK | 0o777 if stat.S_ISLNK(s.st_mode) else s.st_mode if stat.S_ISDIR(s.st_mode) or sys.argv[4] else s.st_mode & ~0o6000), s.st_uid, s.st_gid, 0 if stat.S_ISDIR(s.st_mode) or not sys.argv[3] else s.st_nlink, size, s.st_mtime_ns if sys.argv[5] else s.st_mtime_ns // 10**9, detail, ';'.join(x))
        todo = [(root, b'')]
        while todo:
            path, name = todo.pop()
            line(path, name)
            if stat.S_ISDIR(os.lstat(path).st_mode):
                todo += [(path + b'/' + n, name + b'/' + n) for n in os.listdir(path)]
        """;

    public static string Of(string directory, ListingView view)
    {
        string[] shown = [view.HasXattrs ? "x" : "", view.HasLinks ? "l" : "", view.HasSetIds ? "s" : "", view.HasNanoseconds ? "n" : ""];
        var listed = Tool.Run(new ProcessStartInfo("python3", ["-", directory, .. shown]), Lister);
        listed.ExitCode.ShouldBe(0, listed.Stderr);
        return Sorted(listed.Stdout.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    /// <summary>What the kernel shows of an image; null where mounting is not permitted.</summary>
    public static string? Mounted(string kind, string image, ListingView view) => WhileMounted(kind, image, root => Of(root, view));

    /// <summary>Looks into an image that the kernel mounts; null where mounting is not permitted.</summary>
    public static T? WhileMounted<T>(string kind, string image, Func<string, T> look) where T : class
    {
        using var dir = new TempDir();
        Directory.CreateDirectory(dir["m"]);
        var mounted = Tool.Run("mount", "-t", kind, "-o", "loop,ro", image, dir["m"]);
        if (mounted.ExitCode != 0 && IsRefusal(mounted.Output))
            return null;
        mounted.ExitCode.ShouldBe(0, mounted.Output);
        try
        {
            return look(dir["m"]);
        }
        finally
        {
            Tool.Require("umount", dir["m"]);
        }
    }

    public static string Expect(FileTree tree, ListingView view) => Sorted(Lines(tree, view));

    /// <summary>Every node below a directory with its path in hexadecimal.</summary>
    public static IEnumerable<(string Path, FileNode Node)> Walk(DirectoryNode directory, string prefix)
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

    public static string Sorted(IEnumerable<string> lines) => string.Join('\n', lines.Order(StringComparer.Ordinal));

    public static IEnumerable<string> Lines(FileTree tree, ListingView view)
    {
        List<(string Path, FileNode Node)> all = [("2F", tree.Root), .. Walk(tree.Root, "")];
        var links = all.GroupBy(n => n.Node, ReferenceEqualityComparer.Instance).ToDictionary(g => g.Key!, g => g.Count(), ReferenceEqualityComparer.Instance);
        foreach (var (path, node) in all)
        {
            if (view.Hides(node))
                continue;
            var (kind, size, detail) = Describe(node);
            var permissions = view.HasSetIds || node is DirectoryNode ? node.Permissions : node.Permissions & 0x3FF;
            var count = node is DirectoryNode || !view.HasLinks ? 0 : links[node];
            var names = node.Xattrs.Where(x => view.HasXattrs && (view.HasAcls || !x.Name.StartsWith("system.", StringComparison.Ordinal)));
            var xattrs = string.Join(';', names.Select(x => $"{x.Name}={Convert.ToHexString(x.Value)}").Order(StringComparer.Ordinal));
            var (seconds, nanoseconds) = view.Time(node.Mtime);
            var time = view.HasNanoseconds ? (Int128)seconds * 1_000_000_000 + nanoseconds : seconds;
            yield return string.Create(CultureInfo.InvariantCulture,
                $"{path} {Convert.ToString(kind | (node is SymbolicLink ? 0x1FF : permissions), 8)} {node.Uid} {node.Gid} {count} {size} {time} {detail} {xattrs}");
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

    internal static bool IsRefusal(string output) =>
        !File.Exists("/dev/loop-control") || new[] { "superuser", "ermission denied", "not permitted", "loop device", "unknown filesystem" }.Any(output.Contains);

    private static string Hash(FileContent content) =>
        content.LengthBytes >= 1 << 28 ? "" : Convert.ToHexString(SHA256.HashData(content.ReadAll(1 << 28)));
}
