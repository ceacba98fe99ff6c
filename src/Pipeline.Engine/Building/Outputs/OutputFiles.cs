using System.Collections.Immutable;
using Pipeline.Core.Compression;
using Pipeline.Core.Units;
using Pipeline.Engine.Building.Disks;
using Pipeline.Engine.Manifests.Models;

namespace Pipeline.Engine.Building.Outputs;

/// <summary>Turns a raw image into the files of a release: compressed as asked, with its block map.</summary>
internal static class OutputFiles
{
    /// <param name="disk">Its name in a release is that of its file.</param>
    public static Artifact Make(DiskJob job, BuiltDisk disk, CancellationToken ct)
    {
        var output = job.Target.Output;
        var name = Path.GetFileName(disk.Path);
        var files = ImmutableArray.CreateBuilder<ArtifactFile>();
        var map = output.BlockMap ? BlockMap.Write(disk.Path, disk.Path + ".bmap", ct) : null;
        files.Add(Deliver(job, disk, name, ct));
        if (map is not null)
            files.Add(new(disk.Path + ".bmap", name + ".bmap", new ByteSize(new FileInfo(disk.Path + ".bmap").Length), map));
        return new(job.Target, files.ToImmutable(), disk.Map);
    }

    private static ArtifactFile Deliver(DiskJob job, BuiltDisk disk, string name, CancellationToken ct)
    {
        var (kind, suffix) = job.Target.Output.Compression switch
        {
            OutputCompression.Zstandard => (CompressionKind.Zstandard, ".zst"),
            OutputCompression.Xz => (CompressionKind.Xz, ".xz"),
            OutputCompression.Gzip => (CompressionKind.Gzip, ".gz"),
            _ => (CompressionKind.None, ""),
        };
        using var activity = job.Context.Reporter.Begin($"{(suffix.Length == 0 ? "hash" : "compress")} {name}{suffix}", disk.LengthBytes);
        if (suffix.Length == 0)
            return new(disk.Path, name, new ByteSize(disk.LengthBytes), job.Context.HashOutputs ? ImageCopy.Hash(disk.Path, activity, ct) : null);
        var path = disk.Path + suffix;
        var digests = ImageCopy.Compress(disk.Path, path, new(kind, job.Parallelism, job.Context.HashOutputs), activity, ct);
        File.Delete(disk.Path);
        return new(path, name + suffix, new ByteSize(new FileInfo(path).Length), digests.Packed)
        {
            Unpacked = digests.Image is { } image ? new(new ByteSize(disk.LengthBytes), image) : null,
        };
    }
}
