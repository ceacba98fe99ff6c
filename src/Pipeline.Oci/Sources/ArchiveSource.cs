using Pipeline.Core.Compression;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Units;
using Pipeline.Oci.Documents;
using Pipeline.Oci.Platforms;

namespace Pipeline.Oci.Sources;

/// <summary>
/// A tar that holds an image: an OCI layout, or what <c>docker save</c> writes, which since Docker 25 is both. A compressed
/// tar is unpacked into the cache when it is first asked something.
/// </summary>
internal sealed class ArchiveSource(string text, string path, string? wantedName, LocalFiles files, SourceSpan? span) : IImageSource, IDocumentSource
{
    private readonly SemaphoreSlim _gate = new(1);
    private Result<IImageSource>? _inner;
    private IDisposable? _pin;

    public string Name => text;

    public SourceSpan? Span => span;

    public async Task<Result<Digest>> LookAsync(CancellationToken ct) =>
        await InnerAsync(ct) is { IsOk: true, Value: { } inner } ? await inner.LookAsync(ct) : Result<Digest>.Failed(_inner!.Value.Diagnostics);

    public async Task<Result<PlatformImage>> SelectAsync(Platform platform, CancellationToken ct) =>
        await InnerAsync(ct) is { IsOk: true, Value: { } inner } ? await inner.SelectAsync(platform, ct) : Result<PlatformImage>.Failed(_inner!.Value.Diagnostics);

    public async Task<Stream> OpenUnverifiedAsync(Descriptor blob, CancellationToken ct) =>
        await InnerAsync(ct) is { IsOk: true, Value: { } inner }
            ? await inner.OpenUnverifiedAsync(blob, ct)
            : throw new InvalidDataException(_inner!.Value.Diagnostics[0].Message);

    /// <summary>Knows nothing before the first question was answered.</summary>
    public LocalBlob? FindLocal(Descriptor blob) => _inner?.Value?.FindLocal(blob);

    public async Task<Result<RootDocument>> ReadRootAsync(CancellationToken ct) =>
        await InnerAsync(ct) is { IsOk: true, Value: IDocumentSource inner } ? await inner.ReadRootAsync(ct) : Result<RootDocument>.Failed(_inner!.Value.Diagnostics);

    public async Task<Result<ReadOnlyMemory<byte>>> ReadDocumentAsync(Descriptor descriptor, CancellationToken ct) =>
        await InnerAsync(ct) is { IsOk: true, Value: IDocumentSource inner }
            ? await inner.ReadDocumentAsync(descriptor, ct) : Result<ReadOnlyMemory<byte>>.Failed(_inner!.Value.Diagnostics);

    public ValueTask DisposeAsync()
    {
        _pin?.Dispose();
        _gate.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<Result<IImageSource>> InnerAsync(CancellationToken ct)
    {
        await _gate.WaitAsync(ct);
        try
        {
            return _inner ??= await OpenAsync(ct);
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task<Result<IImageSource>> OpenAsync(CancellationToken ct)
    {
        var whole = new LocalBlob(path, 0, new FileInfo(path).Length);
        var packing = LocalFiles.PackingOf(whole);
        if (packing.IsBzip2)
            return Fail(SourceRules.Compression, text, "bzip2");
        try
        {
            var tar = path;
            if (packing.Kind != CompressionKind.None)
                (tar, _pin) = await files.UnpackAsync(whole, ct);
            var store = new TarStore(tar, isSettled: tar != path);
            if (store.Find("oci-layout") is not null && store.Find("index.json") is not null)
                return new(new LayoutSource(text, store, wantedName, span), []);
            return store.Find("manifest.json") is null
                ? Fail(SourceRules.NotALayout, text, "an image archive", "it has neither 'index.json' nor 'manifest.json' at its top")
                : await DockerArchive.OpenAsync(new(text, store, wantedName, files, span), ct);
        }
        catch (InvalidDataException e)
        {
            return Fail(SourceRules.NotALayout, text, "an image archive", e.Message);
        }
    }

    private Result<IImageSource> Fail(Rule rule, params ReadOnlySpan<object?> arguments) =>
        Result<IImageSource>.Failed(Diagnostic.Create(rule, span, arguments));
}
