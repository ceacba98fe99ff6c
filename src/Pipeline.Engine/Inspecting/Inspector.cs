using System.Collections.Immutable;
using System.Security.Cryptography;
using Pipeline.Core.Blocks;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Core.Units;
using Pipeline.Engine.Inspecting.Contents;
using Pipeline.Engine.Inspecting.Tables;

namespace Pipeline.Engine.Inspecting;

/// <summary>
/// Says what lies in an image file. The file may be anything: it is never trusted, what is wrong with it becomes a
/// warning beside the map. Reads the file once for its digest, and of the rest only what it must.
/// </summary>
public static class Inspector
{
    private const int HashBytes = 1 << 20;

    /// <exception cref="IOException">The file could not be read.</exception>
    public static Result<ImageMap> Read(string path, CancellationToken ct)
    {
        if (Directory.Exists(path))
            return Result<ImageMap>.Failed(Diagnostic.Create(InspectRules.NotAFile, null, path, "a directory"));
        if (!File.Exists(path))
            return Result<ImageMap>.Failed(Diagnostic.Create(InspectRules.NoFile, null, path));
        if (FileStatus.StreamKind(path) is { } kind)
            return Result<ImageMap>.Failed(Diagnostic.Create(InspectRules.NotAFile, null, path, kind));
        using var handle = File.OpenHandle(path);
        var reader = new ImageReader(handle, RandomAccess.GetLength(handle));
        if (reader.LengthBytes == 0)
            return Result<ImageMap>.Failed(Diagnostic.Create(InspectRules.NotAFile, null, path, "empty"));
        if (Compression(reader) is { } compression)
            return Result<ImageMap>.Failed(Diagnostic.Create(InspectRules.Compressed, null, path, compression));
        var bag = new DiagnosticBag();
        var map = Read(path, reader, bag, ct);
        return new(map, bag.ToImmutable());
    }

    private static ImageMap Read(string path, ImageReader reader, DiagnosticBag bag, CancellationToken ct)
    {
        var whole = FileSystemProbe.Probe(reader, new(0, reader.LengthBytes, ""), bag);
        // A FAT boot sector ends like an MBR, and an ISO may carry a table as well: a table counts where both make sense.
        var table = GptReader.Read(reader, bag) ?? (whole is null or { Kind: "iso9660" } ? MbrReader.Read(reader) : null);
        var partitions = table is null ? [] : PartitionReader.Read(reader, table, bag);
        ImmutableArray<Region> known =
        [
            .. table?.Map.Regions.Select(r => new Region(r.OffsetBytes, r.LengthBytes, r.Name)) ?? [],
            .. partitions.Select(p => new Region(p.OffsetBytes, p.LengthBytes, "")),
            .. whole is null ? Array.Empty<Region>() : [new(0, Math.Min(whole.LengthBytes ?? reader.LengthBytes, reader.LengthBytes), "")],
        ];
        var gaps = Gaps.Between(known, reader.LengthBytes);
        var raw = RawRegionScan.Scan(reader, gaps, bag, ct);
        var free = Gaps.Between(known.AddRange(raw.Select(r => new Region(r.OffsetBytes, r.LengthBytes, ""))), reader.LengthBytes);
        return new(path, reader.LengthBytes, Hash(reader, ct), table?.Map, whole, partitions, raw, [.. free.Select(f => new FreeRegionMap(f.OffsetBytes, f.LengthBytes))]);
    }

    private static string Hash(ImageReader reader, CancellationToken ct)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[(int)Math.Min(HashBytes, reader.LengthBytes)];
        for (long offset = 0; offset < reader.LengthBytes; offset += buffer.Length)
        {
            ct.ThrowIfCancellationRequested();
            var part = buffer.AsSpan(0, (int)Math.Min(buffer.Length, reader.LengthBytes - offset));
            if (!reader.TryRead(offset, part))
                throw new IOException("the file became shorter while it was read");
            hash.AppendData(part);
        }
        return Digest.FromSha256Hash(hash.GetHashAndReset()).Text;
    }

    private static string? Compression(ImageReader reader)
    {
        var start = reader.Read(0, (int)Math.Min(6, reader.LengthBytes)).AsSpan();
        return start.StartsWith((ReadOnlySpan<byte>)[0x28, 0xB5, 0x2F, 0xFD]) ? "zstd"
            : start.StartsWith((ReadOnlySpan<byte>)[0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00]) ? "xz"
            : start.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B, 0x08]) ? "gzip"
            : start.StartsWith("BZh"u8) ? "bzip2" : null;
    }
}
