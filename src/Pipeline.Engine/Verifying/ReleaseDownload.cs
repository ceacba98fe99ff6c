using System.Security.Cryptography;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Reporting;
using Pipeline.Core.Units;
using Pipeline.Engine.Planning;
using Pipeline.Engine.Publishing;
using Pipeline.Engine.Publishing.Proof;
using Pipeline.Engine.Publishing.Reading;

namespace Pipeline.Engine.Verifying;

/// <summary>
/// Brings what one board needs of a release onto this machine, <c>DIR/IMAGE/VERSION/</c>, and verifies it there. What is there
/// already with its digest is not fetched again.
/// </summary>
/// <param name="directory">Absolute; made when needed.</param>
public sealed class ReleaseDownload(string directory, IReporter reporter)
{
    private const int BufferBytes = 1 << 17;

    /// <param name="board">Null is the only one.</param>
    /// <param name="key">Null checks no signature.</param>
    /// <returns>The directory. It holds no image where the board does not decide for one.</returns>
    /// <exception cref="IOException">The outside failed.</exception>
    /// <exception cref="HttpRequestException">Likewise.</exception>
    public async Task<Result<string>> FetchAsync(FoundRelease found, string? board, VerificationKey? key, CancellationToken ct)
    {
        var files = new JoinedFiles(found.Files);
        var json = await files.ReadAsync(ReleaseDocuments.Inputs, ReleaseRecordJson.LimitBytes, ct);
        if (json is null || !ReleaseRecordJson.TryRead(json, out var record, out _) || !ReleaseNames.IsValid(record.Image) || !ReleaseVersion.TryParse(record.Version, out _))
            return Result<string>.Failed(Diagnostic.Create(VerifyRules.NoRecord, null, files.Location));
        var place = Directory.CreateDirectory(Path.Combine(directory, record.Image, record.Version)).FullName;
        foreach (var name in files.Sizes.Keys.Where(n => n == ReleaseDocuments.Inputs || ReleaseDocuments.IsAboveChecksums(n) || ReleaseDocuments.IsProvenance(n)))
            await FetchAsync(files, name, Path.Combine(place, name), ct);
        if (record.Targets.Values.Where(t => board is null || t.Id.Split('/').ElementAtOrDefault(1) == board).ToList() is not [var target])
            return place;
        foreach (var file in target.Files.Where(f => files.Has(f.Name)))
        {
            if (!await IsThereAsync(file, Path.Combine(place, file.Name), ct))
                await FetchAsync(files, file.Name, Path.Combine(place, file.Name), ct);
        }
        return await VerifyAsync(place, new(key, target.Files[0].Name, found.Expected), ct);
    }

    private async Task<Result<string>> VerifyAsync(string place, VerifyRequest request, CancellationToken ct)
    {
        var report = await new ReleaseVerifier(reporter).VerifyAsync(new LocalFiles(place), request, ct);
        if (report.IsRight)
            return new(place, report.Diagnostics);
        // What is not right is not kept: the next try fetches it again.
        Directory.Delete(place, recursive: true);
        return Result<string>.Failed(report.Diagnostics);
    }

    private static async Task<bool> IsThereAsync(ReleaseFile file, string path, CancellationToken ct)
    {
        if (new FileInfo(path) is not { Exists: true } there || there.Length != file.Size.Bytes)
            return false;
        await using var stream = File.OpenRead(path);
        return Digest.FromSha256Hash(await SHA256.HashDataAsync(stream, ct)) == file.Sha256;
    }

    private async Task FetchAsync(JoinedFiles files, string name, string path, CancellationToken ct)
    {
        var partial = path + ".partial";
        using var activity = reporter.Begin($"download {name}", files.FormsOf(name).Sum(n => files.Sizes[n]));
        await using (var source = await files.OpenAsync(name, ct))
        await using (var target = new FileStream(partial, FileMode.Create, FileAccess.Write))
        {
            var buffer = new byte[BufferBytes];
            for (int count; (count = await source.ReadAsync(buffer, ct)) > 0;)
            {
                await target.WriteAsync(buffer.AsMemory(0, count), ct);
                activity.Advance(count);
            }
        }
        File.Move(partial, path, overwrite: true);
    }
}
