using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Reporting;
using Pipeline.Core.Units;
using Pipeline.Engine.Publishing;
using Pipeline.Engine.Publishing.Proof;
using Pipeline.Engine.Publishing.Reading;

namespace Pipeline.Engine.Verifying;

/// <summary>What is expected of a release.</summary>
/// <param name="Key">Null checks no signature.</param>
/// <param name="File">Only this one, with what proves it; null for all.</param>
/// <param name="Expected">The image and perhaps the version that was asked for; null for "whatever it is".</param>
public sealed record VerifyRequest(VerificationKey? Key, string? File, ExpectedRelease? Expected);

/// <param name="Version">Null is any.</param>
public sealed record ExpectedRelease(string Image, string? Version);

/// <summary>
/// Checks a release or a download: files against SHA256SUMS, SHA256SUMS against its signature, the provenance against all
/// of them. It goes on after a mistake, so that all are told.
/// </summary>
public sealed class ReleaseVerifier(IReporter reporter)
{
    private const int BufferBytes = 1 << 17;

    /// <summary>A list may have thousands of lines that are of no release.</summary>
    private const int MostTold = 10;

    /// <exception cref="IOException">The outside failed.</exception>
    /// <exception cref="HttpRequestException">Likewise.</exception>
    public async Task<VerifyReport> VerifyAsync(IReleaseFiles release, VerifyRequest request, CancellationToken ct)
    {
        var files = new JoinedFiles(release);
        var bag = new DiagnosticBag();
        if (await ReadAsync(files, ReleaseDocuments.Checksums, Sha256Sums.LimitBytes, bag, ct) is not { } sumsFile || Sums(sumsFile, files, bag) is not { } sums)
            return new(release.Location, [], Verdict.Absent, Verdict.Absent, request.Key, [], null, WithoutSums(files, bag));
        var signature = await SignatureCheck.RunAsync(files, sumsFile, request.Key, bag, ct);
        var wanted = Wanted(files, sums, request, bag);
        var digests = new Dictionary<string, Digest?>(StringComparer.Ordinal);
        foreach (var name in wanted)
        {
            digests[name] = await HashAsync(files, name, bag, ct);
            if (digests[name] is { } actual && actual != sums[name])
                bag.Add(VerifyRules.Differs, null, name, actual.Short, sums[name].Short);
        }
        if (request.File is null)
            TellUnchecked(files, sumsFile, sums, bag);
        var record = await RecordAsync(files, sums, request, bag, ct);
        var provenance = await new ProvenanceCheck(sums, request, bag).RunAsync(files, record, ct);
        return new(
            release.Location,
            [.. wanted.Select(n => new FileVerdict(n, digests[n] is { } digest && digest == sums[n] ? Verdict.Right : Verdict.Wrong, provenance.Of(n)))],
            signature, provenance.Envelopes, request.Key, provenance.Builds, record, bag.ToImmutable());
    }

    private static ImmutableArray<Diagnostic> WithoutSums(JoinedFiles files, DiagnosticBag bag)
    {
        if (!bag.HasErrors)
            bag.Add(VerifyRules.NoChecksums, null, files.Location);
        return bag.ToImmutable();
    }

    private static ImmutableSortedDictionary<string, Digest>? Sums(byte[] file, JoinedFiles files, DiagnosticBag bag)
    {
        if (Sha256Sums.TryRead(Encoding.UTF8.GetString(file), out var sums, out var problem) && !sums.IsEmpty)
            return sums;
        bag.Add(VerifyRules.BadDocument, null, $"SHA256SUMS of {files.Location}", problem.Length == 0 ? "it lists no file" : problem);
        return null;
    }

    private static List<string> Wanted(JoinedFiles files, ImmutableSortedDictionary<string, Digest> sums, VerifyRequest request, DiagnosticBag bag)
    {
        if (request.File is not { } file)
            return [.. sums.Keys];
        if (sums.ContainsKey(file))
            return [.. sums.Keys.Where(n => n == file || (files.Has(n) && (ReleaseDocuments.IsProvenance(n) || n == ReleaseDocuments.Inputs)))];
        if (!ReleaseDocuments.IsAboveChecksums(file))
            bag.Add(VerifyRules.NotListed, null, file);
        return [];
    }

    /// <summary>Null where the file is not there or cannot be put together; then that was told.</summary>
    private async Task<Digest?> HashAsync(JoinedFiles files, string name, DiagnosticBag bag, CancellationToken ct)
    {
        if (!files.Has(name))
        {
            bag.Add(VerifyRules.Missing, null, name);
            return null;
        }
        using var activity = reporter.Begin($"check {name}", files.FormsOf(name).Sum(n => files.Sizes.GetValueOrDefault(n)));
        try
        {
            await using var stream = await files.OpenAsync(name, ct);
            return await HashAsync(stream, activity, ct);
        }
        catch (InvalidDataException e)
        {
            bag.Add(VerifyRules.BadDocument, null, name, e.Message.TrimEnd('.'));
            return null;
        }
    }

    private static async Task<Digest> HashAsync(Stream stream, IActivity activity, CancellationToken ct)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[BufferBytes];
        for (int count; (count = await stream.ReadAsync(buffer, ct)) > 0;)
        {
            hash.AppendData(buffer, 0, count);
            activity.Advance(count);
        }
        return Digest.FromSha256Hash(hash.GetHashAndReset());
    }

    private static void TellUnchecked(JoinedFiles files, byte[] sumsFile, ImmutableSortedDictionary<string, Digest> sums, DiagnosticBag bag)
    {
        foreach (var name in Sha256Sums.PassedOver(Encoding.UTF8.GetString(sumsFile)).Take(MostTold))
            bag.Add(VerifyRules.NotChecked, null, name);
        var known = sums.Keys.Where(files.Has).SelectMany(files.FormsOf).ToHashSet(StringComparer.Ordinal);
        foreach (var name in files.Sizes.Keys.Where(n => !known.Contains(n) && !ReleaseDocuments.IsAboveChecksums(n)))
            bag.Add(VerifyRules.Unlisted, null, name);
    }

    /// <summary>The record, where it is the one that SHA256SUMS lists.</summary>
    private static async Task<ReleaseRecord?> RecordAsync(JoinedFiles files, ImmutableSortedDictionary<string, Digest> sums, VerifyRequest request, DiagnosticBag bag, CancellationToken ct)
    {
        if (!sums.TryGetValue(ReleaseDocuments.Inputs, out var expected)
            || await ReadAsync(files, ReleaseDocuments.Inputs, ReleaseRecordJson.LimitBytes, bag, ct) is not { } json || Digest.Sha256(json) != expected)
        {
            return null;
        }
        if (!ReleaseRecordJson.TryRead(json, out var record, out var problem))
        {
            bag.Add(VerifyRules.BadDocument, null, ReleaseDocuments.Inputs, problem);
            return null;
        }
        if (request.Expected is { } asked && (asked.Image != record.Image || (asked.Version is { } version && version != record.Version)))
            bag.Add(VerifyRules.OtherRelease, null, $"{record.Image} {record.Version}", $"{asked.Image} {asked.Version}".TrimEnd());
        foreach (var file in record.Files.Where(f => sums.GetValueOrDefault(f.Name) != f.Sha256))
            bag.Add(VerifyRules.RecordDiffers, null, ReleaseDocuments.Checksums, $"'{file.Name}'");
        return record;
    }

    internal static async Task<byte[]?> ReadAsync(JoinedFiles files, string name, int limitBytes, DiagnosticBag bag, CancellationToken ct)
    {
        try
        {
            return await files.ReadAsync(name, limitBytes, ct);
        }
        catch (Exception e) when (e is InvalidDataException or FileNotFoundException)
        {
            bag.Add(VerifyRules.BadDocument, null, name, e.Message.TrimEnd('.'));
            return null;
        }
    }
}
