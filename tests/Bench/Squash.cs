using System.Diagnostics;
using System.Globalization;
using Pipeline.Core.Blocks;
using Pipeline.Core.Compression;
using Pipeline.Core.Files;
using Pipeline.Core.Reporting;
using Pipeline.Disk;
using Pipeline.Disk.Squashfs;

namespace Pipeline.Bench;

/// <summary>
/// The squashfs writer beside mksquashfs: both from the same unpacked directory, with the same compression, level, block
/// size and number of threads, in turn, each in a process of its own. Then ours once more with twice the bytes below the same
/// names: its peak of memory must be the same.
/// </summary>
internal sealed class Squash(string input, int rounds)
{
    private const string Threads = "2";

    private readonly string _root = Path.Combine(input, "unpacked", "rootfs");
    private readonly string _scratch = Path.Combine(input, "scratch");

    public int Run(string[] kinds)
    {
        if (!Directory.Exists(_root))
            Child.Run("umoci", "unpack", "--image", Path.Combine(input, "gzip") + ":bench", Path.Combine(input, "unpacked"));
        Console.WriteLine("| compression | writer | wall s | CPU s | peak MiB | bytes | wall ratio | CPU ratio | size ratio |");
        Console.WriteLine("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
        foreach (var kind in kinds.Select(k => k.Split(':')))
            Compare(kind[0], kind[1]);
        return 0;
    }

    /// <summary>Our writer alone.</summary>
    /// <param name="times">How often the bytes of each file follow each other, never the same way.</param>
    public static int Pack(string root, string image, string[] packing, string threads, string times) => Measure.Run("pack", () =>
    {
        var options = new SquashfsOptions
        {
            Compression = packing[0] switch { "gzip" => CompressionKind.Gzip, "xz" => CompressionKind.Xz, _ => CompressionKind.Zstandard },
            Level = int.Parse(packing[1], CultureInfo.InvariantCulture),
        };
        var watch = Stopwatch.StartNew();
        var tree = new FileTree(Folder.Read(root, int.Parse(times, CultureInfo.InvariantCulture)));
        var listed = watch.Elapsed.TotalSeconds;
        var layout = SquashfsLayout.Place(tree, options, null).Value!;
        var context = new PackContext(Path.GetDirectoryName(image)!, int.Parse(threads, CultureInfo.InvariantCulture), SilentReporter.Instance.Begin("", null));
        using var writer = SquashfsWriter.Pack(layout, context, CancellationToken.None).Value!;
        var packed = watch.Elapsed.TotalSeconds;
        FileSink.Create(image, writer.LengthBytes, sink =>
        {
            writer.Pour(sink, 1, CancellationToken.None);
            writer.Seal(sink, CancellationToken.None);
        });
        return string.Create(CultureInfo.InvariantCulture,
            $"list {listed:f2} s, pack {packed - listed:f2} s, copy {watch.Elapsed.TotalSeconds - packed:f2} s, {writer.LengthBytes} bytes");
    });

    private void Compare(string kind, string level)
    {
        var image = Path.Combine(_scratch, "image");
        string[] theirs = ["mksquashfs", _root, image, "-noappend", "-no-progress", "-quiet", "-processors", Threads, "-comp", kind];
        if (kind != "xz")
            theirs = [.. theirs, "-Xcompression-level", level];
        string[] ours = [Environment.ProcessPath!, "pack", _root, image, kind, level, Threads];
        string[] twice = [.. ours, "2"];
        var costs = new List<Cost>[] { [], [] };
        var bytes = new long[2];
        for (var round = 0; round < rounds; round++)
        {
            for (var i = 0; i < 2; i++)
            {
                (var cost, bytes[i]) = RunOnce(i == 0 ? theirs : ours, image);
                costs[i].Add(cost);
                Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{kind} {level} {(i == 0 ? "mksquashfs" : "ours")}: {costs[i][^1]}"));
            }
        }
        var (them, us) = (Cost.Median(costs[0]), Cost.Median(costs[1]));
        Row($"{kind} {level}", "mksquashfs", them, bytes[0], "| | |");
        Row($"{kind} {level}", "ours", us, bytes[1], string.Create(CultureInfo.InvariantCulture, $"{us.Wall / them.Wall:f2} | {us.Cpu / them.Cpu:f2} | {(double)bytes[1] / bytes[0]:f3} |"));
        var (large, largeBytes) = RunOnce(twice, image);
        Row($"{kind} {level}", "ours, twice the bytes", large, largeBytes, string.Create(CultureInfo.InvariantCulture, $"| | peak × {large.PeakMiB / us.PeakMiB:f2} |"));
    }

    private (Cost Cost, long Bytes) RunOnce(string[] command, string image)
    {
        Directory.CreateDirectory(_scratch);
        var cost = Child.Run(command);
        var bytes = new FileInfo(image).Length;
        Directory.Delete(_scratch, recursive: true);
        return (cost, bytes);
    }

    private static void Row(string kind, string name, Cost cost, long bytes, string ratios) => Console.WriteLine(
        string.Create(CultureInfo.InvariantCulture, $"| {kind} | {name} | {cost.Wall:f1} | {cost.Cpu:f1} | {cost.PeakMiB:f0} | {bytes} | {ratios}"));
}

/// <summary>A directory as a tree, without hard links and owners: what a writer of file systems is measured with.</summary>
internal static class Folder
{
    /// <param name="times">How often the bytes of each file follow each other, never the same way.</param>
    public static DirectoryNode Read(string path, int times)
    {
        var node = WithMetadata(new DirectoryNode(), path);
        foreach (var child in new DirectoryInfo(path).EnumerateFileSystemInfos())
            node.Set(FileName.Of(child.Name), ReadNode(child, times));
        return node;
    }

    private static FileNode ReadNode(FileSystemInfo file, int times) => file switch
    {
        { LinkTarget: { } target } => new SymbolicLink { Target = System.Text.Encoding.UTF8.GetBytes(target), Permissions = 0x1FF, Mtime = Time(file) },
        DirectoryInfo => Read(file.FullName, times),
        FileInfo { Length: var length } => WithMetadata(new RegularFile { Content = FileContent.Of(new PathSource(file.FullName, length), 0, length * times) }, file.FullName),
        _ => throw new NotSupportedException(file.FullName),
    };

    private static T WithMetadata<T>(T node, string path) where T : FileNode
    {
        (node.Permissions, node.Mtime) = ((ushort)File.GetUnixFileMode(path), Time(new FileInfo(path)));
        return node;
    }

    private static UnixTime Time(FileSystemInfo file) => new(new DateTimeOffset(file.LastWriteTimeUtc).ToUnixTimeSeconds());

    /// <summary>Opened for each reading: a tree has more files than a process may hold open.</summary>
    private sealed class PathSource(string path, long lengthBytes) : ContentSource
    {
        public override void ReadExactly(long offset, Span<byte> buffer)
        {
            using var file = FileSource.Open(path);
            while (!buffer.IsEmpty)
            {
                var (round, at) = Math.DivRem(offset, lengthBytes);
                var piece = buffer[..(int)Math.Min(buffer.Length, lengthBytes - at)];
                file.ReadExactly(at, piece);
                for (var i = 0; round > 0 && i < piece.Length; i++)
                    piece[i] ^= (byte)round;
                offset += piece.Length;
                buffer = buffer[piece.Length..];
            }
        }
    }
}
