using Pipeline.Core.Blocks;
using Pipeline.Core.Compression;
using Pipeline.Core.Diagnostics;
using Pipeline.Disk.Pouring;
using Pipeline.Disk.Squashfs.Packing;
using Pipeline.Disk.Squashfs.Records;
using static Pipeline.Disk.Squashfs.SquashfsFormat;

namespace Pipeline.Disk.Squashfs;

/// <summary>Packs a squashfs.</summary>
public static class SquashfsWriter
{
    /// <summary>Reads, packs and writes everything once, into scratch.</summary>
    /// <returns>A complaint where the result is longer than the room there is.</returns>
    /// <exception cref="MissingLibraryException">The system lacks the library that packs.</exception>
    public static Result<PackedFileSystem> Pack(SquashfsLayout layout, PackContext context, CancellationToken ct) => PackedFileSystem.Make(context, "squashfs", scratch =>
    {
        var packed = Pack(layout, context, scratch, ct);
        return layout.Options.MaxLengthBytes is { } most && packed.LengthBytes > most
            ? Result<PackedFileSystem>.Failed(Diagnostic.Create(SquashfsRules.TooSmall, layout.Span, packed.LengthBytes, most, packed.LengthBytes - most))
            : packed;
    });

    private static PackedFileSystem Pack(SquashfsLayout layout, PackContext context, ScratchFile scratch, CancellationToken ct)
    {
        var superBlock = new byte[SuperBlockBytes];
        scratch.Append(superBlock);
        scratch.Append(CompressorOptions.Of(layout.Options));
        var regions = new List<Region> { new(0, scratch.LengthBytes, "superblock") };
        var contents = new PackedContents(layout);
        contents.SetOriginals(DuplicateFinder.Run(contents.Files, context.Parallelism, ct));
        BlockPipeline.Run(contents, layout.Options, scratch, context, ct);
        if (scratch.LengthBytes > regions[0].EndBytes)
            regions.Add(new(regions[0].EndBytes, scratch.LengthBytes - regions[0].EndBytes, "contents"));
        var tables = new TableWriter(layout, contents, scratch);
        tables.Write(ct).WriteTo(superBlock);
        scratch.WriteStart(superBlock);
        scratch.Append(new byte[-scratch.LengthBytes & (PaddingBytes - 1)]);
        return new(scratch, superBlock, [.. regions, .. tables.Regions]);
    }
}
