using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Planning;
using Pipeline.Engine.Publishing;

namespace Pipeline.Kit;

/// <summary>A host with an upload for each file and drafts that survive an interruption, as release pages have.</summary>
public sealed class FakeReleaseHost : IReleaseHost
{
    private readonly Dictionary<string, Dictionary<string, byte[]>> _drafts = [];
    private readonly Dictionary<string, List<Dictionary<string, byte[]>>> _published = [];

    public List<string> Events { get; } = [];

    /// <summary>What every look throws.</summary>
    public Exception? Down { get; set; }

    /// <summary>The event that the connection breaks before.</summary>
    public string? BreakBefore { get; set; }

    /// <summary>What a publication is refused with.</summary>
    public Rule? Refuses { get; set; }

    public Task<ImmutableSortedDictionary<string, PublishedRelease>> ObserveAsync(IReadOnlyCollection<string> images, CancellationToken ct) =>
        Down is null
            ? Task.FromResult(images.Where(_published.ContainsKey).ToImmutableSortedDictionary(i => i, i => Newest(i)!, StringComparer.Ordinal))
            : throw Down;

    public Task RecoverAsync(IReadOnlyCollection<string> images, CancellationToken ct) => Task.CompletedTask;

    public Task<IReleaseDraft> OpenAsync(string image, CancellationToken ct)
    {
        _drafts.TryAdd(image, []);
        return Task.FromResult<IReleaseDraft>(new Draft(this, image));
    }

    public Task<ImmutableArray<string>> PruneAsync(string image, int keep, CancellationToken ct) => Task.FromResult<ImmutableArray<string>>([]);

    private PublishedRelease? Newest(string image)
    {
        if (!_published.TryGetValue(image, out var releases))
            return null;
        return ReleaseRecordJson.TryRead(releases[^1][ReleaseDocuments.Inputs], out var record, out var problem)
            ? new(new(image, $"{releases.Count}", "memory"), record, [])
            : throw new InvalidDataException(problem);
    }

    private void Happen(string what)
    {
        if (what == BreakBefore)
            throw new HttpRequestException("connection reset");
        Events.Add(what);
    }

    private sealed class Draft(FakeReleaseHost host, string image) : IReleaseDraft
    {
        private readonly Dictionary<string, byte[]> _files = host._drafts[image];

        private readonly HashSet<string> _named = [];

        public string Version { get; } = $"{host._published.GetValueOrDefault(image)?.Count + 1 ?? 1}";

        public PublishedRelease? Previous { get; } = host.Newest(image);

        public async Task AddAsync(ReleaseFile file, string localPath, CancellationToken ct)
        {
            var isThere = _files.TryGetValue(file.Name, out var there) && Core.Units.Digest.Sha256(there) == file.Sha256;
            host.Happen((isThere ? "there " : "add ") + file.Name);
            _named.Add(file.Name);
            _files[file.Name] = await File.ReadAllBytesAsync(localPath, ct);
        }

        public Task CarryAsync(ReleaseFile file, CancellationToken ct)
        {
            host.Happen("carry " + file.Name);
            _named.Add(file.Name);
            _files[file.Name] = host._published[image][^1][file.Name];
            return Task.CompletedTask;
        }

        public Task<byte[]?> ReadPreviousAsync(ReleaseFile file, int limitBytes, CancellationToken ct) =>
            Task.FromResult(host._published.GetValueOrDefault(image)?[^1].GetValueOrDefault(file.Name));

        public Task WriteAsync(string name, ReadOnlyMemory<byte> content, CancellationToken ct)
        {
            host.Happen("write " + name);
            _named.Add(name);
            _files[name] = content.ToArray();
            return Task.CompletedTask;
        }

        public Task<Release> PublishAsync(CancellationToken ct)
        {
            if (host.Refuses is { } rule)
                throw ReleaseRefusedException.Because(rule, "it");
            host.Happen("publish " + Version);
            if (!host._published.TryGetValue(image, out var releases))
                host._published[image] = releases = [];
            releases.Add(_files.Where(f => _named.Contains(f.Key)).ToDictionary());
            host._drafts.Remove(image);
            return Task.FromResult(new Release(image, Version, "memory"));
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
