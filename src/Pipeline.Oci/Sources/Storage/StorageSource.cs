using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Units;
using Pipeline.Oci.Cache;
using Pipeline.Oci.Documents;
using Pipeline.Oci.Platforms;

namespace Pipeline.Oci.Sources.Storage;

/// <summary>
/// An image in the store of podman, buildah and CRI-O, read where it lies. The store keeps the files of a layer and the
/// recipe of its tar, but not its blob: the layers are offered uncompressed, under their diff-ids, which verify them.
/// </summary>
internal sealed class StorageSource(string text, StoredImage image, StorageStore store, SourceSpan? span) : IImageSource, IDocumentSource
{
    private const int MaxLayers = 10_000;
    private ImmutableDictionary<Digest, string> _layers = ImmutableDictionary<Digest, string>.Empty;

    public string Name => text;

    public SourceSpan? Span => span;

    /// <param name="rest">What stands behind the scheme.</param>
    public static Result<IImageSource> Open(string text, string rest, Func<string, string?> environment, SourceSpan? span)
    {
        var reference = StorageReference.Parse(rest, span);
        if (!reference.IsOk)
            return Result<IImageSource>.Failed(reference.Diagnostics);
        var wanted = reference.Value!;
        var config = wanted.GraphRoot is { } said ? new(wanted.Driver, said, []) : StorageConfig.Read(environment);
        ImmutableArray<string> roots = [config.GraphRoot, .. config.MoreRoots];
        try
        {
            // What the configuration says of the driver counts for new stores; one that is there shows its own.
            var stores = roots.Select(r => StorageStore.Open(r, wanted.Driver)).OfType<StorageStore>().ToList();
            return stores.Count == 0
                ? Fail(StorageRules.NoStore, span, string.Join(" or ", roots))
                : Choose(text, wanted, stores, span);
        }
        catch (InvalidDataException e)
        {
            return Fail(StorageRules.Damaged, span, rest, config.GraphRoot, e.Message);
        }
    }

    public Task<Result<Digest>> LookAsync(CancellationToken ct) =>
        Task.FromResult(ReadManifest() is { IsOk: true, Value: var read } ? read.Digest : Result<Digest>.Failed(ReadManifest().Diagnostics));

    public Task<Result<PlatformImage>> SelectAsync(Platform platform, CancellationToken ct) => new ImageSelector(this).SelectAsync(platform, ct);

    public Task<Stream> OpenUnverifiedAsync(Descriptor blob, CancellationToken ct) => _layers.TryGetValue(blob.Digest, out var layer)
        ? Task.FromResult<Stream>(new TarSplitStream(store.TarSplitPath(layer), store.FilesPath(layer)))
        : throw new InvalidDataException($"'{text}' has no layer {blob.Digest}");

    /// <summary>Never: a layer's tar does not lie anywhere.</summary>
    public LocalBlob? FindLocal(Descriptor blob) => null;

    public Task<Result<RootDocument>> ReadRootAsync(CancellationToken ct)
    {
        var read = ReadManifest();
        return Task.FromResult(read is { IsOk: true, Value: var (digest, manifest) } ? Offer(digest, manifest) : Result<RootDocument>.Failed(read.Diagnostics));
    }

    public Task<Result<ReadOnlyMemory<byte>>> ReadDocumentAsync(Descriptor descriptor, CancellationToken ct)
    {
        if (store.ReadDocument(image, descriptor.Digest.Text) is not { } bytes)
            return Task.FromResult(Broken<ReadOnlyMemory<byte>>($"the document {descriptor.Digest.Short} is missing"));
        var actual = BlobWriter.HashOf(descriptor.Digest, bytes);
        return Task.FromResult(actual == descriptor.Digest
            ? new ReadOnlyMemory<byte>(bytes)
            : Result<ReadOnlyMemory<byte>>.Failed(Diagnostic.Create(DocumentRules.DigestMismatch, span, text, descriptor.Digest, actual)));
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static Result<IImageSource> Choose(string text, StorageReference wanted, List<StorageStore> stores, SourceSpan? span)
    {
        if (stores.Find(s => !s.IsReadable) is { } foreign)
            return Fail(StorageRules.Driver, span, foreign.Root, foreign.Driver);
        foreach (var store in stores)
        {
            var found = StorageNames.Find(store.Images, wanted);
            if (found.Count > 1)
                return Fail(StorageRules.Ambiguous, span, text, string.Join(", ", found.Select(f => f.Names.FirstOrDefault() ?? f.Id).Take(12)));
            if (found.Count == 1)
                return new(new StorageSource(text, found[0], store, span), []);
        }
        var names = stores.SelectMany(s => s.Images).SelectMany(i => i.Names).Order(StringComparer.Ordinal).ToList();
        var shown = names.Count == 0 ? "no image with a name" : string.Join(", ", names.Take(12)) + (names.Count > 12 ? $" and {names.Count - 12} more" : "");
        return Fail(StorageRules.NotFound, span, text, stores[0].Root, shown);
    }

    private Result<(Digest Digest, Manifest Manifest)> ReadManifest()
    {
        if (store.ReadDocument(image, "manifest") is not { } bytes)
            return Broken<(Digest, Manifest)>("its manifest is missing");
        var digest = Digest.Sha256(bytes);
        if (!image.Digests.Contains(digest))
            return Broken<(Digest, Manifest)>("its manifest is not the one that was stored");
        var document = DocumentReader.ReadImage(text, "", bytes, span);
        if (!document.IsOk)
            return Result<(Digest, Manifest)>.Failed(document.Diagnostics);
        return document.Value is Manifest manifest
            ? (digest, manifest)
            : Result<(Digest, Manifest)>.Failed(Diagnostic.Create(StorageRules.IsList, span, text));
    }

    /// <summary>The manifest with the layers as they can be read here.</summary>
    private Result<RootDocument> Offer(Digest digest, Manifest manifest)
    {
        var json = store.ReadDocument(image, manifest.Config.Digest.Text);
        if (json is null)
            return Broken<RootDocument>("its configuration is missing");
        var config = DocumentReader.ReadConfig(text, json, span);
        if (!config.IsOk)
            return Result<RootDocument>.Failed(config.Diagnostics);
        var chain = Chain();
        var diffIds = config.Value!.DiffIds;
        if (chain.Count != diffIds.Length)
            return Broken<RootDocument>($"it has {chain.Count} layers, its configuration lists {diffIds.Length}");
        var layers = ImmutableArray.CreateBuilder<Descriptor>();
        foreach (var (layer, diffId) in chain.Zip(diffIds))
        {
            if (layer.SizeBytes is not { } size || (layer.Digest is not null && layer.Digest != diffId) || !File.Exists(store.TarSplitPath(layer.Id)))
                return Broken<RootDocument>($"the layer {diffId.Short} was not stored whole");
            layers.Add(new(MediaTypes.OciLayer, diffId, size, ImmutableSortedDictionary<string, string>.Empty));
        }
        _layers = chain.Zip(diffIds).DistinctBy(p => p.Second).ToImmutableDictionary(p => p.Second, p => p.First.Id);
        return new RootDocument(digest, manifest with { Layers = layers.ToImmutable(), Json = default });
    }

    /// <summary>The layers from the lowest up; fewer where the store lost one.</summary>
    private List<StoredLayer> Chain()
    {
        var all = store.ReadLayers();
        var chain = new List<StoredLayer>();
        for (var next = image.TopLayer; next is { Length: > 0 } && chain.Count <= MaxLayers && all.TryGetValue(next, out var layer); next = layer.Parent!)
            chain.Add(layer);
        chain.Reverse();
        return chain;
    }

    private Result<T> Broken<T>(string why) => Result<T>.Failed(Diagnostic.Create(StorageRules.Damaged, span, text, store.Root, why));

    private static Result<IImageSource> Fail(Rule rule, SourceSpan? span, params ReadOnlySpan<object?> arguments) =>
        Result<IImageSource>.Failed(Diagnostic.Create(rule, span, arguments));
}
