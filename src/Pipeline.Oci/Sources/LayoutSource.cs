using Pipeline.Core.Diagnostics;
using Pipeline.Core.Units;
using Pipeline.Oci.Cache;
using Pipeline.Oci.Documents;
using Pipeline.Oci.Platforms;

namespace Pipeline.Oci.Sources;

/// <summary>An OCI image layout, in a directory or in a tar: image-spec, "OCI Image Layout".</summary>
/// <param name="text">As the user wrote it.</param>
/// <param name="wantedName">The <c>org.opencontainers.image.ref.name</c> of the image; null where there is only one.</param>
internal sealed class LayoutSource(string text, IFileStore files, string? wantedName, SourceSpan? span) : IImageSource, IDocumentSource
{
    private const string RefName = "org.opencontainers.image.ref.name";
    private const string ContainerdName = "io.containerd.image.name";

    public string Name => text;

    public SourceSpan? Span => span;

    public Task<Result<Digest>> LookAsync(CancellationToken ct)
    {
        var chosen = Choose();
        return Task.FromResult(chosen.IsOk ? chosen.Value!.Digest : Result<Digest>.Failed(chosen.Diagnostics));
    }

    public Task<Result<PlatformImage>> SelectAsync(Platform platform, CancellationToken ct) => new ImageSelector(this).SelectAsync(platform, ct);

    public Task<Stream> OpenUnverifiedAsync(Descriptor blob, CancellationToken ct) =>
        FindLocal(blob) is { } local
            ? Task.FromResult(local.OpenUnverified())
            : throw new FileNotFoundException($"'{text}' lacks the blob {blob.Digest}, which its manifest names");

    public LocalBlob? FindLocal(Descriptor blob) => files.Find($"blobs/{blob.Digest.Algorithm}/{blob.Digest.Hex}");

    public async Task<Result<RootDocument>> ReadRootAsync(CancellationToken ct)
    {
        var chosen = Choose();
        if (!chosen.IsOk)
            return Result<RootDocument>.Failed(chosen.Diagnostics);
        var json = await ReadDocumentAsync(chosen.Value!, ct);
        if (!json.IsOk)
            return Result<RootDocument>.Failed(json.Diagnostics);
        var document = DocumentReader.ReadImage(text, chosen.Value!.MediaType, json.Value, span);
        return document.IsOk ? new RootDocument(chosen.Value.Digest, document.Value!) : Result<RootDocument>.Failed(document.Diagnostics);
    }

    public Task<Result<ReadOnlyMemory<byte>>> ReadDocumentAsync(Descriptor descriptor, CancellationToken ct) =>
        Task.FromResult(ReadDocument(descriptor));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private Result<ReadOnlyMemory<byte>> ReadDocument(Descriptor descriptor)
    {
        if (FindLocal(descriptor) is not { } local)
            return Fail<ReadOnlyMemory<byte>>(SourceRules.BlobMissing, text, descriptor.Digest);
        if (local.LengthBytes > DocumentReader.MaxDocumentBytes)
            return Fail<ReadOnlyMemory<byte>>(DocumentRules.TooLarge, text, "document", new ByteSize(DocumentReader.MaxDocumentBytes));
        var bytes = ReadAll(local);
        var actual = BlobWriter.HashOf(descriptor.Digest, bytes);
        return actual == descriptor.Digest
            ? new ReadOnlyMemory<byte>(bytes)
            : Fail<ReadOnlyMemory<byte>>(DocumentRules.DigestMismatch, text, descriptor.Digest, actual);
    }

    /// <summary>The entry of <c>index.json</c> that is meant.</summary>
    private Result<Descriptor> Choose()
    {
        if (files.Find("oci-layout") is null || files.Find("index.json") is not { } file)
            return Fail<Descriptor>(SourceRules.NotALayout, text, "an OCI image layout", "'oci-layout' or 'index.json' is missing");
        if (file.LengthBytes > DocumentReader.MaxDocumentBytes)
            return Fail<Descriptor>(DocumentRules.TooLarge, text, "index.json", new ByteSize(DocumentReader.MaxDocumentBytes));
        var index = DocumentReader.ReadLayoutIndex(text, ReadAll(file), span);
        if (!index.IsOk)
            return Result<Descriptor>.Failed(index.Diagnostics);
        var images = index.Value!.Entries.Where(e => !e.IsAttestation).Select(e => e.Descriptor).ToList();
        var fitting = wantedName is null ? images : images.FindAll(d => IsNamed(d, wantedName));
        var names = images.Count == 0 ? "nothing" : string.Join(", ", images.Select(NameOf));
        return fitting switch
        {
            [var only] => only,
            [] when wantedName is not null => Fail<Descriptor>(SourceRules.NameNotFound, text, wantedName, names),
            [] => Fail<Descriptor>(SourceRules.NotALayout, text, "an OCI image layout", "its index.json lists no image"),
            _ => Fail<Descriptor>(SourceRules.Ambiguous, text, names),
        };
    }

    private static bool IsNamed(Descriptor image, string name) =>
        image.Annotations.GetValueOrDefault(RefName) == name || image.Annotations.GetValueOrDefault(ContainerdName) == name
        || image.Digest.Text == name;

    private static string NameOf(Descriptor image) =>
        image.Annotations.GetValueOrDefault(RefName) ?? image.Annotations.GetValueOrDefault(ContainerdName) ?? image.Digest.Text;

    private static byte[] ReadAll(LocalBlob blob)
    {
        var bytes = new byte[blob.LengthBytes];
        using var stream = blob.OpenUnverified();
        stream.ReadExactly(bytes);
        return bytes;
    }

    private Result<T> Fail<T>(Rule rule, params ReadOnlySpan<object?> arguments) => Result<T>.Failed(Diagnostic.Create(rule, span, arguments));
}
