using System.Collections.Immutable;
using System.Security.Cryptography;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Reporting;
using Pipeline.Core.Units;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Planning;
using Pipeline.Engine.Publishing;
using Pipeline.Engine.Publishing.Directories;
using Pipeline.Engine.Publishing.Reading;

namespace Pipeline.Engine.Listing;

/// <summary>
/// What systemd-sysupdate reads (sysupdate.d(5), <c>url-file</c>): <c>updates/IMAGE/BOARD/</c> with the files of every version that is
/// offered, each under a name with its version, and <c>SHA256SUMS</c>, which is the index. Files are hard links where the releases lie on
/// the same file system, and copies or downloads elsewhere; what is there already is not fetched again.
/// </summary>
/// <param name="rootPath">Absolute: the folder <c>updates</c>.</param>
public sealed class UpdateFolder(IReleaseReader reader, string rootPath, IReporter reporter)
{
    private const int BufferBytes = 1 << 17;
    private const string FreshSuffix = ".new";
    private readonly ReleaseOpener _opener = new(reader, null);

    private sealed record Offer(string Name, ReleaseFile File, OpenedRelease Release);

    /// <returns>Warnings about what is not offered.</returns>
    /// <exception cref="IOException">The outside failed.</exception>
    /// <exception cref="HttpRequestException">Likewise.</exception>
    public async Task<ImmutableArray<Diagnostic>> WriteAsync(Workspace workspace, CancellationToken ct)
    {
        var bag = new DiagnosticBag();
        foreach (var image in workspace.Images.OrderBy(i => i.Name, StringComparer.Ordinal))
        {
            var offers = await GatherAsync(image.Name, bag, ct);
            foreach (var (board, files) in offers)
                await WriteAsync(image.Name, board, files.Values, bag, ct);
        }
        return bag.ToImmutable();
    }

    /// <summary>By board, then by name. The newest release that has a file gives it.</summary>
    private async Task<SortedDictionary<string, SortedDictionary<string, Offer>>> GatherAsync(string image, DiagnosticBag bag, CancellationToken ct)
    {
        var offers = new SortedDictionary<string, SortedDictionary<string, Offer>>(StringComparer.Ordinal);
        foreach (var version in await reader.ListAsync(image, ct))
        {
            var opened = await _opener.OpenAsync(image, version, ct);
            bag.AddRange(opened.Diagnostics);
            if (opened.Value is not { } release)
                continue;
            foreach (var target in release.Record.Targets.Values)
            {
                foreach (var file in target.Files)
                {
                    if (UpdateName.Of(image, target, file, version) is not { } name || !ReleaseNames.IsValid(name))
                        continue;
                    var board = target.Id.Split('/')[1];
                    if (!offers.TryGetValue(board, out var files))
                        offers[board] = files = new(StringComparer.Ordinal);
                    files.TryAdd(name, new(name, file, release));
                }
            }
        }
        return offers;
    }

    /// <summary>New files, then the index, then what it no longer names goes: who reads the folder meanwhile finds what it was promised.</summary>
    private async Task WriteAsync(string image, string board, IEnumerable<Offer> offers, DiagnosticBag bag, CancellationToken ct)
    {
        var folder = Directory.CreateDirectory(Path.Combine(rootPath, image, board)).FullName;
        var listed = new List<(string Name, Digest Sha256)>();
        foreach (var offer in offers)
        {
            try
            {
                await PlaceAsync(offer, Path.Combine(folder, offer.Name), ct);
                listed.Add((offer.Name, offer.File.Sha256));
            }
            catch (Exception e) when (e is InvalidDataException or FileNotFoundException)
            {
                bag.Add(ListingRules.NotOffered, null, offer.File.Name, offer.Release.Record.Version, image, e.Message.TrimEnd('.'));
            }
        }
        var index = Path.Combine(folder, ReleaseDocuments.Checksums);
        await File.WriteAllBytesAsync(index + FreshSuffix, Sha256Sums.Write(listed), ct);
        File.Move(index + FreshSuffix, index, overwrite: true);
        var kept = listed.Select(l => l.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var path in Directory.EnumerateFiles(folder, UpdateName.Stem(image, board) + "*").Where(p => !kept.Contains(Path.GetFileName(p))).ToList())
            File.Delete(path);
    }

    private async Task PlaceAsync(Offer offer, string path, CancellationToken ct)
    {
        // A name has a version, and what a version holds never changes.
        if (new FileInfo(path) is { Exists: true } there && there.Length == offer.File.Size.Bytes)
            return;
        var fresh = path + FreshSuffix;
        File.Delete(fresh);
        if (offer.Release.Files.LocalPathOf(offer.File.Name) is { } local)
        {
            if (new FileInfo(local) is not { Exists: true } file || file.Length != offer.File.Size.Bytes)
                throw new InvalidDataException($"{local} is not there with {offer.File.Size.Bytes} bytes");
            if (!PosixFiles.TryLink(local, fresh))
                await SparseCopy.CopyAsync(local, fresh, offer.File.Sha256, ct);
        }
        else
        {
            await DownloadAsync(offer, fresh, ct);
        }
        File.Move(fresh, path, overwrite: true);
    }

    private async Task DownloadAsync(Offer offer, string path, CancellationToken ct)
    {
        using var activity = reporter.Begin($"download {offer.Name}", offer.File.Size.Bytes);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using (var source = await offer.Release.Files.OpenAsync(offer.File.Name, ct))
        await using (var target = new FileStream(path, FileMode.CreateNew, FileAccess.Write))
        {
            var buffer = new byte[BufferBytes];
            for (int count; (count = await source.ReadAsync(buffer, ct)) > 0;)
            {
                hash.AppendData(buffer, 0, count);
                await target.WriteAsync(buffer.AsMemory(0, count), ct);
                activity.Advance(count);
            }
        }
        if (Digest.FromSha256Hash(hash.GetHashAndReset()) is var actual && actual != offer.File.Sha256)
            throw new InvalidDataException($"it has the checksum {actual.Short}, expected {offer.File.Sha256.Short}");
    }
}
