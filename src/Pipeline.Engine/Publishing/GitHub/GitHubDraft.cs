using System.Collections.Immutable;
using System.Text;
using Pipeline.Core.Units;
using Pipeline.Engine.Planning;
using Pipeline.Engine.Publishing.GitHub.Api;

namespace Pipeline.Engine.Publishing.GitHub;

/// <summary>
/// A release being put together. Nothing is sent before all of it is known: then every limit can be kept before the first
/// byte, and a draft that an interrupted run left can be told from one of other contents.
/// </summary>
internal sealed class GitHubDraft(GitHubReleases host, GitHubSettings settings, ReleaseTag tag, SemaphoreSlim held) : IReleaseDraft
{
    private readonly Dictionary<string, Func<CancellationToken, Task<LargeFile?>>> _prepare = new(StringComparer.Ordinal);
    private readonly List<AssetSource> _sources = [];
    private readonly Dictionary<string, byte[]> _documents = new(StringComparer.Ordinal);
    private readonly LargeFiles _large = new(settings.Large, settings.Limits);

    public required PublishedRelease? Previous { get; init; }

    /// <summary>What <see cref="Previous"/> was read from.</summary>
    public required LineEntry? PreviousEntry { get; init; }

    /// <summary>Versions that had a tag when this was opened.</summary>
    public required ImmutableSortedSet<ReleaseVersion> TakenVersions { get; init; }

    public string Version => tag.Version.ToString();

    public Task AddAsync(ReleaseFile file, string localPath, CancellationToken ct)
    {
        var length = new FileInfo(localPath).Length;
        if (length != file.Size.Bytes)
            throw new InvalidDataException($"{localPath} has {length} bytes, expected {file.Size.Bytes}");
        _large.Check(file);
        if (file.Size.Bytes > settings.Limits.FileBytes)
            _prepare[Valid(file.Name)] = async token => await _large.PrepareAsync(file, localPath, token);
        else
            _sources.Add(AssetSource.OfFile(Valid(file.Name), file.Size.Bytes, file.Sha256, localPath));
        return Task.CompletedTask;
    }

    public Task CarryAsync(ReleaseFile file, CancellationToken ct)
    {
        if (PreviousEntry is null)
            throw new InvalidOperationException("there is no release to carry files over from");
        var assets = PreviousEntry.Release.Assets.ToDictionary(a => a.Name, StringComparer.Ordinal);
        var found = LargeFiles.Find(file, assets);
        if (found.IsEmpty)
            throw new InvalidDataException($"{PreviousEntry.Tag} has lost {file.Name}");
        if (found is [var whole] && whole.Name == file.Name)
            _sources.Add(Carried(whole.Name, file.Size.Bytes, file.Sha256, whole.Id));
        else
            _prepare[file.Name] = _ => Task.FromResult<LargeFile?>(new([.. found.Select(Part)], LargeFiles.Command(file, found)));
        return Task.CompletedTask;
    }

    public async Task<byte[]?> ReadPreviousAsync(ReleaseFile file, int limitBytes, CancellationToken ct)
    {
        var asset = PreviousEntry?.Release.Assets.FirstOrDefault(a => a.Name == file.Name && a.State == GitHubAsset.Uploaded && a.Size == file.Size.Bytes);
        if (asset is null || asset.Size > limitBytes)
            return null;
        var api = await host.ConnectAsync(ct);
        var bytes = await api.ReadAssetAsync(asset.Id, limitBytes, ct);
        return Digest.Sha256(bytes) == file.Sha256 ? bytes : null;
    }

    public Task WriteAsync(string name, ReadOnlyMemory<byte> content, CancellationToken ct)
    {
        _documents[Valid(name)] = content.ToArray();
        return Task.CompletedTask;
    }

    public async Task<Release> PublishAsync(CancellationToken ct)
    {
        CheckCount(_sources.Count + _prepare.Count + _documents.Count);
        var large = new List<LargeFile>();
        foreach (var prepare in _prepare.Values)
            large.Add((await prepare(ct))!);
        // Payloads first, and of the documents the checksums last: what is there last says that all is there.
        ImmutableArray<AssetSource> all =
        [
            .. _sources.Concat(large.SelectMany(l => l.Sources)).OrderBy(s => s.Name, StringComparer.Ordinal),
            .. _documents.OrderBy(d => d.Key == ReleaseDocuments.Checksums).ThenBy(d => d.Key, StringComparer.Ordinal).Select(d => AssetSource.OfBytes(d.Key, d.Value)),
        ];
        CheckCount(all.Length);
        var inputs = _documents.GetValueOrDefault(ReleaseDocuments.Inputs, []);
        var marker = ReleaseMarker.Create(Contents(all), inputs);
        var notes = Encoding.UTF8.GetString(_documents.GetValueOrDefault(ReleaseDocuments.Changelog, []));
        var commit = ReleaseRecordJson.TryRead(inputs, out var record, out _) ? record.Commit : null;
        var wanted = new WantedRelease(tag, ReleaseBody.Write(notes, large, marker, settings.Limits.BodyCharacters), marker, commit, all) { TakenVersions = TakenVersions };
        var release = await new DraftUpload(host, await host.ConnectAsync(ct), settings, wanted).RunAsync(PreviousEntry?.Tag.Version, ct);
        await host.Records.KeepAsync(inputs, ct);
        return new(tag.Image, Version, release.HtmlUrl);
    }

    /// <summary>A draft that was begun stays for the next run, which takes it up.</summary>
    public ValueTask DisposeAsync()
    {
        held.Release();
        return ValueTask.CompletedTask;
    }

    private void CheckCount(int files)
    {
        if (files > settings.Limits.Files)
            throw ReleaseRefusedException.Because(GitHubRules.TooManyFiles, tag.Image, files, settings.Limits.Files);
    }

    private static Digest Contents(ImmutableArray<AssetSource> all) =>
        Digest.Sha256(Encoding.UTF8.GetBytes(string.Concat(all.OrderBy(s => s.Name, StringComparer.Ordinal).Select(s => $"{s.Name} {s.SizeBytes} {s.Sha256.Hex}\n"))));

    private AssetSource Part(GitHubAsset asset) => Digest.TryParse(asset.Digest, out var digest)
        ? Carried(asset.Name, asset.Size, digest, asset.Id)
        : throw new InvalidDataException($"{PreviousEntry!.Tag} does not tell the digest of {asset.Name}; build it again with --force");

    /// <summary>GitHub cannot copy: the bytes go through us, and are checked on their way.</summary>
    private AssetSource Carried(string name, long sizeBytes, Digest sha256, long assetId) => new(name, sizeBytes, sha256, async ct =>
    {
        var api = await host.ConnectAsync(ct);
        var response = await api.DownloadAsync(assetId, ct);
        return await response.Content.ReadAsStreamAsync(ct);
    });

    private static string Valid(string name) =>
        ReleaseNames.IsValid(name) ? name : throw new ArgumentException($"'{name}' is not a release file's name");
}
