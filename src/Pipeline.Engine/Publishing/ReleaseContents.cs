using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Units;
using Pipeline.Engine.Publishing.Packages;

namespace Pipeline.Engine.Publishing;

/// <summary>A small file of a release that is made when the release is put together.</summary>
public sealed record ReleaseDocument(string Name, ReadOnlyMemory<byte> Content)
{
    public Digest Sha256 => Digest.Sha256(Content.Span);
}

/// <summary>A release as far as it is known while it is put together.</summary>
/// <param name="Record">With all files of all targets, those built now and those carried over.</param>
public sealed record ReleaseContents(ReleaseRequest Request, ReleaseRecord Record)
{
    /// <summary>What the containers hold, as far as somebody read it.</summary>
    public ReleasePackages Packages { get; init; } = new([], []);

    /// <summary>Made so far: the record and the changelog first.</summary>
    public ImmutableArray<ReleaseDocument> Documents { get; init; } = [];

    public ReleaseContents With(params ReadOnlySpan<ReleaseDocument> more) => this with { Documents = [.. Documents, .. more] };
}

/// <summary>Makes further documents of a release: inventories, lists, pages. The names of a release are <see cref="ReleaseNames"/>' and distinct.</summary>
public interface IReleaseDocuments
{
    /// <param name="contents">With the documents made before.</param>
    Task<Result<ImmutableArray<ReleaseDocument>>> MakeAsync(ReleaseContents contents, CancellationToken ct);
}
