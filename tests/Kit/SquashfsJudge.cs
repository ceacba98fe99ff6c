using System.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Core.Reporting;
using Pipeline.Disk;
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

    /// <summary>No ACLs, and whole seconds without sign.</summary>
    private static readonly ListingView View = new() { HasAcls = false, HasNanoseconds = false, Time = t => new(Math.Clamp(t.Seconds, 0, uint.MaxValue)) };

    private const string Exports = """
        import ctypes, os, stat, struct, sys
        libc = ctypes.CDLL(None, use_errno=True)
        root = os.open(sys.argv[1], os.O_RDONLY)
        def tell(s): return s.st_ino, s.st_mode, s.st_size, s.st_nlink, s.st_uid, s.st_mtime_ns
        def by_number(number):
            handle = struct.pack('<IiII', 8, 1, number, 0)
            fd = libc.open_by_handle_at(root, handle, os.O_PATH)
            if fd < 0: return os.strerror(ctypes.get_errno())
            try: return tell(os.fstat(fd))
            finally: os.close(fd)
        todo, seen = [sys.argv[1].encode()], 0
        while todo:
            path = todo.pop()
            s = os.lstat(path)
            seen += 1
            if by_number(s.st_ino) != tell(s): print(path, s.st_ino, by_number(s.st_ino))
            if stat.S_ISDIR(s.st_mode): todo += [path + b'/' + n for n in os.listdir(path)]
        assert seen > 1
        """;

    public static SquashfsOptions Options { get; } = new() { Clock = Clock, Level = 1 };

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
    public static string? Mounted(string image) => LinuxListing.Mounted("squashfs", image, View);

    /// <summary>
    /// Asks the kernel for every inode by its number, as an NFS server does (the export table tells where it lies), and compares it
    /// with what its name shows. Null where mounting is not permitted; else what is wrong, a line an inode.
    /// </summary>
    public static string? ByNumber(string image) => LinuxListing.WhileMounted("squashfs", image, root =>
    {
        var asked = Tool.Run(new ProcessStartInfo("python3", ["-", root]), Exports);
        asked.ExitCode.ShouldBe(0, asked.Stderr);
        return asked.Stdout;
    });

    /// <summary>What lies in a directory, a line a name.</summary>
    public static string List(string directory) => LinuxListing.Of(directory, View);

    public static string Sorted(IEnumerable<string> lines) => LinuxListing.Sorted(lines);

    public static IEnumerable<string> Expect(FileTree tree) => LinuxListing.Lines(tree, View);
}
