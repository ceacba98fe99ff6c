using System.Collections.Immutable;
using Pipeline.Core.Compression;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Units;
using Pipeline.Oci.Documents;
using Pipeline.Oci.Platforms;

namespace Pipeline.Oci.Sources;

/// <summary>A root file system in a tar, plain or compressed: one layer, for whatever platform is asked; its programs will tell.</summary>
internal sealed class TarSource(string text, string path, LocalFiles files, SourceSpan? span) : IImageSource
{
    public string Name => text;

    private LocalBlob Whole => new(path, 0, new FileInfo(path).Length);

    public async Task<Result<Digest>> LookAsync(CancellationToken ct) =>
        Check() is { } wrong ? Result<Digest>.Failed(wrong) : await files.HashAsync(Whole, ct);

    public async Task<Result<PlatformImage>> SelectAsync(Platform platform, CancellationToken ct)
    {
        if (Check() is { } wrong)
            return Result<PlatformImage>.Failed(wrong);
        var whole = Whole;
        var digest = await files.HashAsync(whole, ct);
        var isPlain = LocalFiles.PackingOf(whole).Kind == CompressionKind.None;
        var layer = new Descriptor(
            isPlain ? MediaTypes.OciLayer : MediaTypes.OciLayerGzip, digest, whole.LengthBytes, ImmutableSortedDictionary<string, string>.Empty);
        var diffId = await files.HashUnpackedAsync(whole, ct);
        return new PlatformImage(platform, digest, digest, digest, [layer], [diffId], ImmutableSortedDictionary<string, string>.Empty, null);
    }

    public Task<Stream> OpenUnverifiedAsync(Descriptor blob, CancellationToken ct) => Task.FromResult(Whole.OpenUnverified());

    public LocalBlob? FindLocal(Descriptor blob) => Whole;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private Diagnostic? Check()
    {
        if (!File.Exists(path))
            return Diagnostic.Create(SourceRules.NotFound, span, path, "file");
        return LocalFiles.PackingOf(Whole).IsBzip2 ? Diagnostic.Create(SourceRules.Compression, span, text, "bzip2") : null;
    }
}
