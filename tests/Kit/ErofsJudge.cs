using Pipeline.Core.Blocks;
using Pipeline.Core.Files;
using Pipeline.Disk;
using Pipeline.Disk.Erofs;
using Shouldly;

namespace Pipeline.Kit;

/// <summary>
/// Two judges of erofs who share no code: fsck.erofs goes through everything and extracts it, and the kernel mounts it where that
/// is permitted. What they give out is compared with the tree. fsck.erofs 1.5 extracts neither attributes nor set-uid bits, makes copies of
/// hard links and leaves holes out without a gap, so those are the kernel's to judge.
/// </summary>
internal static class ErofsJudge
{
    public static readonly UnixTime Clock = new(1_700_000_000, 5);

    /// <summary>What fsck.erofs extracts.</summary>
    private static readonly ListingView View = new() { HasXattrs = false, HasLinks = false, HasSetIds = false, Hides = IsSparse };

    public static ErofsOptions Options { get; } = new() { Uuid = new("11111111-2222-8333-4444-555555555555"), Label = "Erofs", Clock = Clock };

    /// <summary>Writes a tree through the door that partitions use.</summary>
    public static void Write(string path, FileTree tree, ErofsOptions? options = null, int parallelism = 2)
    {
        var layout = ErofsLayout.Place(tree, options ?? Options, null);
        layout.IsOk.ShouldBeTrue(string.Join('\n', layout.Diagnostics));
        var writer = Open(layout.Value!, options?.Compression == ErofsCompression.Lz4, Path.GetDirectoryName(path)!, parallelism);
        using var scratch = writer as IDisposable;
        FileSink.Create(path, writer.LengthBytes, sink =>
        {
            writer.Pour(sink, parallelism, CancellationToken.None);
            writer.Seal(sink, CancellationToken.None);
        });
    }

    /// <summary>The writer for a layout: what is not compressed needs no scratch.</summary>
    public static IFileSystemWriter Open(ErofsLayout layout, bool packs, string directory, int parallelism = 2) =>
        packs ? ErofsWriter.Pack(layout, SquashfsJudge.Context(directory, parallelism), CancellationToken.None).Value! : new PlainErofsWriter(layout);

    /// <summary>All judges.</summary>
    public static void ShouldHold(string image, FileTree tree)
    {
        Extracted(image, tree).ShouldBe(Expect(tree));
        ShouldList(image, tree);
    }

    /// <summary>Those who need no room: for trees of very many files.</summary>
    public static void ShouldList(string image, FileTree tree)
    {
        Checked("fsck.erofs", image);
        if (Mounted(image) is { } mounted)
            mounted.ShouldBe(LinuxListing.Expect(tree, new()));
    }

    /// <summary>What fsck.erofs takes out; it must not complain.</summary>
    public static string Extracted(string image, FileTree tree)
    {
        using var dir = new TempDir();
        try
        {
            Checked("fsck.erofs", "--extract=" + dir["x"], image);
            var sparse = LinuxListing.Walk(tree.Root, "").Where(n => IsSparse(n.Node)).Select(n => n.Path).ToHashSet();
            var listed = LinuxListing.Of(dir["x"], View).Split('\n');
            return string.Join('\n', listed.Where(l => !sparse.Contains(l[..l.IndexOf(' ', StringComparison.Ordinal)])));
        }
        finally
        {
            Tool.Require("rm", "-rf", dir["x"]);                    // names that are not text are beyond .NET
        }
    }

    /// <summary>What the kernel shows; null where mounting is not permitted.</summary>
    public static string? Mounted(string image) => LinuxListing.Mounted("erofs", image, new());

    /// <summary>Bytes of a file as the kernel reads them, in hexadecimal; null where mounting is not permitted.</summary>
    public static IEnumerable<string>? ReadBack(string image, string file, IEnumerable<(long Offset, int Length)> places) =>
        LinuxListing.WhileMounted("erofs", image, root =>
        {
            using var source = FileSource.Open(Path.Combine(root, file));
            return places.Select(p => Convert.ToHexStringLower(Read(source, p))).ToList();
        });

    public static string Expect(FileTree tree) => LinuxListing.Expect(tree, View);

    private static bool IsSparse(FileNode node) => node is RegularFile { Content.IsSparse: true };

    private static byte[] Read(FileSource source, (long Offset, int Length) place)
    {
        var bytes = new byte[place.Length];
        var count = RandomAccess.Read(source.Handle, bytes, place.Offset);
        return bytes[..count];
    }

    private static void Checked(string tool, params string[] arguments)
    {
        var result = Tool.Run(tool, arguments);
        result.ExitCode.ShouldBe(0, result.Output);
        result.Output.ShouldNotContain("<E>");
        result.Output.ShouldNotContain("<W>");
    }
}
