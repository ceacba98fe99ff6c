using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Models;

namespace Pipeline.Engine.Listing;

/// <summary>The lists for other programs that are single files. Pure.</summary>
/// <param name="Files">Name → content.</param>
/// <param name="Diagnostics">What is missing in them, and why.</param>
public sealed record ReleaseLists(ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> Files, ImmutableArray<Diagnostic> Diagnostics)
{
    /// <param name="boards">By name, as they are now.</param>
    public static ReleaseLists Of(Catalogue catalogue, IReadOnlyDictionary<string, BoardManifest> boards)
    {
        var imager = ImagerList.Of(catalogue, boards);
        var files = ImmutableSortedDictionary.CreateBuilder<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        files[ImagesJson.FileName] = ImagesJson.Write(catalogue);
        files[ImagerList.FileName] = imager.Write(isWhole: true);
        files[ImagerList.PartFileName] = imager.Write(isWhole: false);
        return new(files.ToImmutable(), imager.Diagnostics);
    }
}
