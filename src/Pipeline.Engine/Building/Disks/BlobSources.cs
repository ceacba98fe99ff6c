using System.Collections.Immutable;
using System.Security.Cryptography;
using Pipeline.Core.Compression;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Core.Streams;
using Pipeline.Disk.Loaders;
using Pipeline.Engine.Building.Packages;
using Pipeline.Engine.Building.Rootfs;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Manifests.Reading;

namespace Pipeline.Engine.Building.Disks;

/// <summary>A raw blob with its bytes found and its length known.</summary>
internal sealed record BlobSource(RawBlob Blob, FileContent Content);

/// <summary>
/// Finds the raw blobs of a board: in the source by pattern, in another image, in a Debian package of either, or in the
/// repository. Each is held against its limit, its checksum and the header that it must have.
/// </summary>
internal sealed class BlobSources(DiskJob job, FileTree tree, RepositoryFiles files, DiagnosticBag bag)
{
    private readonly Dictionary<(FileTree, string), DebianPackage?> _packages = [];

    /// <returns>In the order of the board; what is wrong is in the bag.</returns>
    public ImmutableArray<BlobSource> Find()
    {
        var found = ImmutableArray.CreateBuilder<BlobSource>();
        for (var i = 0; i < job.Board.Blobs.Length; i++)
        {
            var blob = job.Board.Blobs[i];
            if ((blob.RepositoryPath is { } path ? InRepository(blob, path) : InTree(blob, i)) is not { } place)
                continue;
            Check(blob, place.Content, place.Name);
            found.Add(new(blob, place.Content));
        }
        return found.ToImmutable();
    }

    private void Check(RawBlob blob, FileContent content, string name)
    {
        if (blob.Limit is { } limit && content.LengthBytes > limit.Bytes)
            bag.Add(BuildingRules.BlobTooLong, blob.Span, blob.Name, content.LengthBytes, limit.Bytes);
        if (blob.Sha256 is { } wanted && Sha256(content) is var actual && !string.Equals(actual, wanted, StringComparison.OrdinalIgnoreCase))
            bag.Add(BuildingRules.BlobWrongDigest, blob.Span, blob.Name, name, actual, wanted);
        if (blob.Expect is { } kind && LoaderHeader.Problem(kind, new ContentStream(content), content.LengthBytes) is { } problem)
            bag.Add(BuildingRules.BlobHeader, blob.Span, blob.Name, name, Words.Of(kind), problem);
    }

    private static string Sha256(FileContent content) => Convert.ToHexStringLower(SHA256.HashData(new ContentStream(content)));

    private (FileContent Content, string Name)? InRepository(RawBlob blob, string path)
    {
        if (files.Open(path) is { } content)
            return (content, path);
        bag.Add(BuildingRules.OutsideFile, blob.Span, path);
        return null;
    }

    private (FileContent Content, string Name)? InTree(RawBlob blob, int index)
    {
        var (where, name) = blob.Image is { } image
            ? (job.BlobTrees.GetValueOrDefault(index), $"the image {image.Source.Text}")
            : (tree, "the source");
        if (where is null)
            throw new InvalidOperationException($"the image of blob '{blob.Name}' was not unpacked");
        if (blob.PackagePath is not { } pattern)
            return Single(blob, where, name, blob.ContainerPath!) is { } plain ? (plain.File.Content, plain.Path) : null;
        if (Single(blob, where, name, pattern) is not { } package || Package(blob, where, package.File, package.Path) is not { } opened)
            return null;
        return Single(blob, opened.Tree, $"the package {package.Path}", blob.ContainerPath!) is { } inside
            ? Guarded(blob, package.Path, () => opened.Open(inside.File)) is { } content ? (content.Value, inside.Path) : null
            : null;
    }

    private (RegularFile File, string Path)? Single(RawBlob blob, FileTree where, string name, string pattern)
    {
        var matches = TreeGlob.Match(where, pattern).Where(m => where.Find(m) is RegularFile).ToList();
        if (matches.Count == 1)
            return ((RegularFile)where.Find(matches[0])!, matches[0]);
        if (matches.Count == 0)
            bag.Add(BuildingRules.BlobMissing, blob.Span, blob.Name, $"{pattern} in {name}");
        else
            bag.Add(BuildingRules.BlobAmbiguous, blob.Span, blob.Name, $"{pattern} in {name}", string.Join(", ", matches));
        return null;
    }

    /// <summary>Several blobs of one package list its files once; a package that cannot be read is complained of once.</summary>
    private DebianPackage? Package(RawBlob blob, FileTree where, RegularFile file, string path)
    {
        if (!_packages.TryGetValue((where, path), out var package))
            _packages.Add((where, path), package = Guarded(blob, path, () => new DebianPackage(file.Content))?.Value);
        return package;
    }

    private sealed record Read<T>(T Value);

    private Read<T>? Guarded<T>(RawBlob blob, string path, Func<T> read)
    {
        try
        {
            return new(read());
        }
        catch (InvalidDataException e)
        {
            bag.Add(BuildingRules.PackageUnreadable, blob.Span, blob.Name, path, e.Message);
        }
        catch (MissingLibraryException e)
        {
            bag.AddRange([e.Diagnostic]);
        }
        return null;
    }
}
