using Pipeline.Core.Diagnostics;
using Pipeline.Core.Units;
using Pipeline.Oci.Documents;

namespace Pipeline.Oci.Sources;

/// <summary>The document that a reference leads to first, hashed.</summary>
internal sealed record RootDocument(Digest Digest, ImageDocument Document);

/// <summary>A source whose images are described by documents: all but a plain tar.</summary>
internal interface IDocumentSource
{
    string Name { get; }

    SourceSpan? Span { get; }

    Task<Result<RootDocument>> ReadRootAsync(CancellationToken ct);

    /// <summary>A manifest, index or configuration, hashed and of the size it should have.</summary>
    Task<Result<ReadOnlyMemory<byte>>> ReadDocumentAsync(Descriptor descriptor, CancellationToken ct);
}
