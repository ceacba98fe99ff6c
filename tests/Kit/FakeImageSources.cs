using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Units;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Oci.Documents;
using Pipeline.Oci.Platforms;
using Pipeline.Oci.Sources;

namespace Pipeline.Kit;

/// <summary>Registries without a network: references that can be moved, taken down, and that count who asked.</summary>
public sealed class FakeImageSources
{
    public static readonly Rule NotFound = new("PL2901", Severity.Error, "'{0}' is not there");
    public static readonly Rule NotOffered = new("PL2902", Severity.Error, "'{0}' is not offered for {1}");

    private readonly ConcurrentDictionary<string, FakeImage> _images = new(StringComparer.Ordinal);

    public ConcurrentQueue<string> Looks { get; } = new();

    /// <summary>What a look throws, by reference.</summary>
    public ConcurrentDictionary<string, Exception> Down { get; } = new(StringComparer.Ordinal);

    /// <summary>Puts an index under a reference. Each platform's content is a text; what is not named in it did not move.</summary>
    /// <param name="attestation">Moves the index only.</param>
    public void Push(string reference, string amd64, string? arm64, string attestation = "", string version = "1")
    {
        var byPlatform = new Dictionary<Platform, string> { [SampleImages.Amd64] = amd64 };
        if (arm64 is not null)
            byPlatform[SampleImages.Arm64] = arm64;
        _images[reference] = new(byPlatform, $"{amd64}|{arm64}|{attestation}", version);
    }

    /// <summary>When the images of a reference say that they were made.</summary>
    public ConcurrentDictionary<string, DateTimeOffset> Created { get; } = new(StringComparer.Ordinal);

    public Task<ImmutableArray<string>> TagsAsync(string name) => Down.TryGetValue(name, out var failure)
        ? throw failure
        : Task.FromResult<ImmutableArray<string>>([.. _images.Keys.Where(k => k.StartsWith(name + ":", StringComparison.Ordinal)).Select(k => k[(name.Length + 1)..])]);

    public Result<IImageSource> Open(ImageSource source) => new FakeSource(this, Full(source.Text), source.Span);

    /// <summary>As registries do it: <c>short/</c> is another way to write the same.</summary>
    private static string Full(string text) => text.StartsWith("short/", StringComparison.Ordinal) ? text["short/".Length..] : text;

    private static Digest Of(string text) => Digest.Sha256(Encoding.UTF8.GetBytes(text));

    private sealed record FakeImage(Dictionary<Platform, string> ByPlatform, string Index, string Version);

    private sealed class FakeSource(FakeImageSources all, string name, SourceSpan? span) : IImageSource
    {
        public string Name => name;

        public async Task<Result<Digest>> LookAsync(CancellationToken ct)
        {
            await Task.Yield();
            all.Looks.Enqueue(name);
            if (all.Down.TryGetValue(name, out var failure))
                throw failure;
            return all._images.TryGetValue(name, out var image)
                ? Of("index " + image.Index)
                : Result<Digest>.Failed(Diagnostic.Create(NotFound, span, name));
        }

        public Task<Result<PlatformImage>> SelectAsync(Platform platform, CancellationToken ct)
        {
            var image = all._images[name];
            if (!image.ByPlatform.TryGetValue(platform, out var content))
                return Task.FromResult(Result<PlatformImage>.Failed(Diagnostic.Create(NotOffered, span, name, platform)));
            var labels = ImmutableSortedDictionary<string, string>.Empty
                .Add("org.opencontainers.image.version", image.Version)
                .Add("org.opencontainers.image.authors", "somebody");
            return Task.FromResult<Result<PlatformImage>>(new PlatformImage(
                platform, Of("index " + image.Index), Of($"manifest {platform} {content}"), Of($"config {platform} {content}"), [], [], labels, all.Created.TryGetValue(name, out var created) ? created : null));
        }

        public Task<Stream> OpenUnverifiedAsync(Descriptor blob, CancellationToken ct) => throw new NotSupportedException();

        public LocalBlob? FindLocal(Descriptor blob) => null;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
