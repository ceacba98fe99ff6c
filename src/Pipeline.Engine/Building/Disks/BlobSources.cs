using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Engine.Building.Rootfs;
using Pipeline.Engine.Manifests.Models;

namespace Pipeline.Engine.Building.Disks;

/// <summary>A raw blob with its bytes found and its length known.</summary>
internal sealed record BlobSource(RawBlob Blob, FileContent Content);

/// <summary>Finds the raw blobs of a board: in the source by pattern, or in the repository.</summary>
internal static class BlobSources
{
    /// <returns>In the order of the board; what is wrong is in the bag.</returns>
    public static ImmutableArray<BlobSource> Find(BoardManifest board, FileTree tree, RepositoryFiles files, DiagnosticBag bag)
    {
        var found = ImmutableArray.CreateBuilder<BlobSource>();
        foreach (var blob in board.Blobs)
        {
            if (Locate(blob, tree, files, bag) is not { } content)
                continue;
            if (blob.Limit is { } limit && content.LengthBytes > limit.Bytes)
                bag.Add(BuildingRules.BlobTooLong, blob.Span, blob.Name, content.LengthBytes, limit.Bytes);
            found.Add(new(blob, content));
        }
        return found.ToImmutable();
    }

    private static FileContent? Locate(RawBlob blob, FileTree tree, RepositoryFiles files, DiagnosticBag bag) =>
        blob.ContainerPath is { } pattern ? InTree(blob, pattern, tree, bag) : InRepository(blob, files, bag);

    private static FileContent? InTree(RawBlob blob, string pattern, FileTree tree, DiagnosticBag bag)
    {
        var matches = TreeGlob.Match(tree, pattern).Where(m => tree.Find(m) is RegularFile).ToList();
        if (matches.Count == 1)
            return ((RegularFile)tree.Find(matches[0])!).Content;
        if (matches.Count == 0)
            bag.Add(BuildingRules.BlobMissing, blob.Span, blob.Name, pattern);
        else
            bag.Add(BuildingRules.BlobAmbiguous, blob.Span, blob.Name, pattern, string.Join(", ", matches));
        return null;
    }

    private static FileContent? InRepository(RawBlob blob, RepositoryFiles files, DiagnosticBag bag)
    {
        if (files.Open(blob.RepositoryPath!) is not { } content)
        {
            bag.Add(BuildingRules.OutsideFile, blob.Span, blob.RepositoryPath);
            return null;
        }
        if (blob.Sha256 is { } wanted && files.Sha256(blob.RepositoryPath!) is var actual && !string.Equals(actual, wanted, StringComparison.OrdinalIgnoreCase))
            bag.Add(BuildingRules.BlobWrongDigest, blob.Span, blob.Name, blob.RepositoryPath, actual, wanted);
        return content;
    }
}
