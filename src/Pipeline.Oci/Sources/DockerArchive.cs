using System.Collections.Immutable;
using System.Text.Json;
using Pipeline.Core.Compression;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Units;
using Pipeline.Oci.Documents;
using Pipeline.Oci.Platforms;

namespace Pipeline.Oci.Sources;

/// <summary>What a docker-archive is opened with.</summary>
internal sealed record DockerArchiveRequest(string Text, IFileStore Store, string? WantedName, LocalFiles Files, SourceSpan? Span);

/// <summary>
/// What <c>docker save</c> wrote before Docker 25: a <c>manifest.json</c> that lists configuration and layers by path. It has no
/// manifest to hash, so the configuration's digest stands for the image.
/// </summary>
internal sealed class DockerArchive : IImageSource, IDocumentSource
{
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 16 };
    private readonly DockerArchiveRequest _request;
    private readonly byte[] _config;
    private readonly Manifest _manifest;
    private readonly ImmutableDictionary<Digest, LocalBlob> _blobs;

    private DockerArchive(DockerArchiveRequest request, byte[] config, IReadOnlyList<(Descriptor Layer, LocalBlob Blob)> layers)
    {
        (_request, _config) = (request, config);
        var descriptor = new Descriptor(MediaTypes.DockerConfig, Digest.Sha256(config), config.Length, ImmutableSortedDictionary<string, string>.Empty);
        _manifest = new(descriptor, [.. layers.Select(l => l.Layer)]);
        _blobs = layers.DistinctBy(l => l.Layer.Digest).ToImmutableDictionary(l => l.Layer.Digest, l => l.Blob);
    }

    public string Name => _request.Text;

    public SourceSpan? Span => _request.Span;

    public static async Task<Result<IImageSource>> OpenAsync(DockerArchiveRequest request, CancellationToken ct)
    {
        try
        {
            using var json = JsonDocument.Parse(ReadSmall(request, "manifest.json"), Strict);
            var chosen = Choose(request, json.RootElement);
            if (!chosen.IsOk)
                return Result<IImageSource>.Failed(chosen.Diagnostics);
            var config = ReadSmall(request, chosen.Value.Text("Config") ?? throw new InvalidDataException("manifest.json names no 'Config'"));
            var diffIds = DocumentReader.ReadConfig(request.Text, config, request.Span);
            if (!diffIds.IsOk)
                return Result<IImageSource>.Failed(diffIds.Diagnostics);
            var paths = chosen.Value.Items("Layers", 10_000).Select(l => l.GetString() ?? "").ToList();
            if (paths.Count != diffIds.Value!.DiffIds.Length)
                return Fail<IImageSource>(request, DocumentRules.LayerCount, request.Text, paths.Count, diffIds.Value.DiffIds.Length);
            var layers = new List<(Descriptor, LocalBlob)>();
            for (var i = 0; i < paths.Count; i++)
                layers.Add(await LayerAsync(request, paths[i], diffIds.Value.DiffIds[i], ct));
            return new(new DockerArchive(request, config, layers), []);
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            throw new InvalidDataException("its manifest.json is not well formed", e);
        }
    }

    public Task<Result<Digest>> LookAsync(CancellationToken ct) => Task.FromResult<Result<Digest>>(_manifest.Config.Digest);

    public Task<Result<PlatformImage>> SelectAsync(Platform platform, CancellationToken ct) => new ImageSelector(this).SelectAsync(platform, ct);

    public Task<Stream> OpenUnverifiedAsync(Descriptor blob, CancellationToken ct) => FindLocal(blob) is { } local
        ? Task.FromResult(local.OpenUnverified())
        : throw new FileNotFoundException($"'{Name}' lacks the layer {blob.Digest}");

    public LocalBlob? FindLocal(Descriptor blob) => _blobs.GetValueOrDefault(blob.Digest);

    public Task<Result<RootDocument>> ReadRootAsync(CancellationToken ct) =>
        Task.FromResult<Result<RootDocument>>(new RootDocument(_manifest.Config.Digest, _manifest));

    public Task<Result<ReadOnlyMemory<byte>>> ReadDocumentAsync(Descriptor descriptor, CancellationToken ct) =>
        Task.FromResult<Result<ReadOnlyMemory<byte>>>(new ReadOnlyMemory<byte>(_config));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static Result<JsonElement> Choose(DockerArchiveRequest request, JsonElement manifest)
    {
        var images = manifest.EnumerateArray().ToList();
        var fitting = request.WantedName is { } name ? images.FindAll(i => Tags(i).Any(t => t == name || t.EndsWith("/" + name, StringComparison.Ordinal))) : images;
        var names = string.Join(", ", images.SelectMany(Tags).DefaultIfEmpty("an image without a name"));
        return fitting switch
        {
            [var only] => only,
            [] when request.WantedName is not null => Fail<JsonElement>(request, SourceRules.NameNotFound, request.Text, request.WantedName, names),
            [] => Fail<JsonElement>(request, SourceRules.NotALayout, request.Text, "an image archive", "its manifest.json lists no image"),
            _ => Fail<JsonElement>(request, SourceRules.Ambiguous, request.Text, names),
        };
    }

    private static IEnumerable<string> Tags(JsonElement image) => image.Items("RepoTags", 1000).Select(t => t.GetString() ?? "");

    /// <summary>An uncompressed layer must hash to its diff-id, so it need not be hashed to be named; the reader will.</summary>
    private static async Task<(Descriptor Layer, LocalBlob Blob)> LayerAsync(DockerArchiveRequest request, string path, Digest diffId, CancellationToken ct)
    {
        var blob = request.Store.Find(path) ?? throw new InvalidDataException($"the layer '{path}' is missing");
        var isPlain = LocalFiles.PackingOf(blob).Kind == CompressionKind.None;
        var digest = isPlain ? diffId : await request.Files.HashAsync(blob, ct);
        var type = isPlain ? MediaTypes.DockerLayer : MediaTypes.DockerLayerGzip;
        return (new(type, digest, blob.LengthBytes, ImmutableSortedDictionary<string, string>.Empty), blob);
    }

    private static byte[] ReadSmall(DockerArchiveRequest request, string path)
    {
        var blob = request.Store.Find(path) ?? throw new InvalidDataException($"'{path}' is missing");
        if (blob.LengthBytes > DocumentReader.MaxDocumentBytes)
            throw new InvalidDataException($"'{path}' is larger than {new ByteSize(DocumentReader.MaxDocumentBytes)}");
        var bytes = new byte[blob.LengthBytes];
        using var stream = blob.OpenUnverified();
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static Result<T> Fail<T>(DockerArchiveRequest request, Rule rule, params ReadOnlySpan<object?> arguments) =>
        Result<T>.Failed(Diagnostic.Create(rule, request.Span, arguments));
}
