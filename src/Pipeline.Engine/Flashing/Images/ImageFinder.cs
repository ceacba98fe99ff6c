using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Core.Units;
using Pipeline.Engine.Planning;
using Pipeline.Engine.Publishing;

namespace Pipeline.Engine.Flashing.Images;

/// <param name="What">A file, a release directory, or <c>IMAGE[/VERSION]</c> of the store.</param>
/// <param name="StorePath">The release store; absolute, need not exist.</param>
/// <param name="Board">Which image of a release; null where there is one.</param>
/// <param name="BlockMapPath">Null looks beside the image.</param>
public sealed record ImageWish(string What, string StorePath, string? Board, string? BlockMapPath, bool IgnoresBlockMap);

/// <summary>Finds the file that somebody means, its block map and its checksum.</summary>
public static class ImageFinder
{
    private static readonly string[] Suffixes = [".img", ".img.zst", ".img.xz", ".img.gz", ".iso", ".raw", ".raw.zst", ".raw.xz", ".raw.gz"];

    public static Result<ImageFile> Find(ImageWish wish)
    {
        try
        {
            if (File.Exists(wish.What))
                return OfFile(Path.GetFullPath(wish.What), wish, wish.What);
            return ReleaseFolder.Find(wish.What, wish.StorePath) is { } directory
                ? OfRelease(directory, wish)
                : throw new FlashException(Directory.Exists(wish.What) ? FlashRules.NoChecksums : FlashRules.NoImage, wish.What, wish.StorePath);
        }
        catch (FlashException e)
        {
            return Result<ImageFile>.Failed(e.Diagnostic);
        }
    }

    private static ImageFile OfRelease(string directory, ImageWish wish)
    {
        // 'latest' may move to the next release while this one is read.
        directory = File.ResolveLinkTarget(directory, returnFinalTarget: true)?.FullName ?? directory;
        var sums = Checksums(directory);
        var boards = Boards(ReadRecord(directory));
        var images = sums.Keys.Where(IsImage).ToList();
        var fitting = wish.Board is { } board ? images.Where(i => IsFor(i, board, boards)).ToList() : images;
        var choice = string.Join(", ", images.Select(i => boards.GetValueOrDefault(i, i)));
        if (fitting.Count == 0)
            throw new FlashException(FlashRules.NoImageInRelease, directory, wish.Board is null ? "" : $" for '{wish.Board}'", choice.Length == 0 ? string.Join(", ", Suffixes) : choice);
        if (fitting.Count > 1)
            throw new FlashException(FlashRules.SeveralImages, directory, choice);
        var path = Path.Combine(directory, fitting[0]);
        return File.Exists(path) ? OfFile(path, wish, fitting[0]) : throw new FlashException(FlashRules.MissingAsset, directory, fitting[0]);
    }

    private static ImageFile OfFile(string path, ImageWish wish, string shown)
    {
        var sums = File.Exists(Path.Combine(Path.GetDirectoryName(path)!, ReleaseDocuments.Checksums)) ? Checksums(Path.GetDirectoryName(path)!) : null;
        var map = wish.IgnoresBlockMap ? null : wish.BlockMapPath ?? MapBeside(path);
        if (map is not null && !File.Exists(map))
            throw new FlashException(FlashRules.BadBlockMap, map, "there is no such file");
        return new(path, shown, map, sums?.GetValueOrDefault(Path.GetFileName(path)), map is null ? null : sums?.GetValueOrDefault(Path.GetFileName(map)))
        {
            Unpacked = sums is null ? null : UnpackedOf(path, sums),
        };
    }

    /// <summary><c>x.img.zst</c> has its map in <c>x.img.zst.bmap</c>, <c>x.img.bmap</c> or <c>x.bmap</c>.</summary>
    private static string? MapBeside(string path)
    {
        for (var stem = path; ; stem = stem[..^Path.GetExtension(stem).Length])
        {
            if (File.Exists(stem + ".bmap"))
                return stem + ".bmap";
            if (Path.GetExtension(stem) is not (".img" or ".raw" or ".iso" or ".zst" or ".xz" or ".gz"))
                return null;
        }
    }

    private static ImmutableSortedDictionary<string, Digest> Checksums(string directory)
    {
        var path = Path.Combine(directory, ReleaseDocuments.Checksums);
        if (FileStatus.StreamKind(path) is { } kind)
            throw new FlashException(FlashRules.BadChecksumFile, path, $"it is {kind}");
        if (new FileInfo(path).Length > Sha256Sums.LimitBytes)
            throw new FlashException(FlashRules.BadChecksumFile, path, $"it is longer than {Sha256Sums.LimitBytes} bytes");
        return Sha256Sums.TryRead(File.ReadAllText(path), out var sums, out var problem) ? sums : throw new FlashException(FlashRules.BadChecksumFile, path, problem);
    }

    /// <summary>Said by the record beside the image, where that is the one which SHA256SUMS lists.</summary>
    private static UnpackedFile? UnpackedOf(string path, ImmutableSortedDictionary<string, Digest> sums)
    {
        var directory = Path.GetDirectoryName(path)!;
        if (!sums.TryGetValue(ReleaseDocuments.Inputs, out var listed) || ReadDocument(directory) is not { } json || Digest.Sha256(json) != listed || !ReleaseRecordJson.TryRead(json, out var record, out _))
            return null;
        // What it says is about the packed file that SHA256SUMS means.
        return record.Files.FirstOrDefault(f => f.Name == Path.GetFileName(path) && f.Sha256 == sums.GetValueOrDefault(f.Name))?.Unpacked;
    }

    private static ReleaseRecord? ReadRecord(string directory) =>
        ReadDocument(directory) is { } json && ReleaseRecordJson.TryRead(json, out var record, out _) ? record : null;

    private static byte[]? ReadDocument(string directory)
    {
        var file = new FileInfo(Path.Combine(directory, ReleaseDocuments.Inputs));
        return file.Exists && FileStatus.StreamKind(file.FullName) is null && file.Length <= ReleaseRecordJson.LimitBytes ? File.ReadAllBytes(file.FullName) : null;
    }

    /// <summary>The board of each file as the release's record says; empty where there is no record.</summary>
    private static Dictionary<string, string> Boards(ReleaseRecord? record)
    {
        if (record is null)
            return [];
        return record.Targets.Values.SelectMany(t => t.Files.Select(f => (f.Name, Board: t.Id.Split('/').ElementAtOrDefault(1))))
            .Where(f => f.Board is not null).DistinctBy(f => f.Name).ToDictionary(f => f.Name, f => f.Board!, StringComparer.Ordinal);
    }

    private static bool IsImage(string name) => Array.Exists(Suffixes, s => name.EndsWith(s, StringComparison.Ordinal));

    private static bool IsFor(string name, string board, Dictionary<string, string> boards)
    {
        if (boards.TryGetValue(name, out var known))
            return known == board;
        var stem = name[..^Suffixes.Where(s => name.EndsWith(s, StringComparison.Ordinal)).Max(s => s.Length)];
        return stem == board || stem.EndsWith("-" + board, StringComparison.Ordinal);
    }
}
