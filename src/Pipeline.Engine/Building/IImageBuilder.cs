using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Reporting;
using Pipeline.Engine.Planning;

namespace Pipeline.Engine.Building;

/// <summary>Turns resolved targets into files. Implemented by the engine's builder and by the fake of the tests.</summary>
public interface IImageBuilder
{
    /// <summary>
    /// Builds several targets whose files are the same: one image, one platform, one <see cref="ResolvedSource.Identity"/>,
    /// so that it is unpacked (or its script run) once and poured into each board.
    /// </summary>
    /// <param name="targetsOfOneSource">Never empty; none has a problem, all have inputs.</param>
    /// <returns>As many results as targets, in their order. A mistake of one board fails that board only.</returns>
    /// <exception cref="IOException">The outside failed (disk full, connection lost); nothing of it may be released.</exception>
    /// <exception cref="HttpRequestException">The registry cannot be reached.</exception>
    /// <exception cref="InvalidDataException">A blob is not what its digest says.</exception>
    Task<ImmutableArray<Result<Artifact>>> BuildAsync(
        ImmutableArray<Target> targetsOfOneSource, BuildContext context, CancellationToken ct);
}

/// <param name="OutputDirectory">
/// Exists and is this call's own: finished files go there (by rename, under <see cref="ArtifactFile.Name"/>), scratch below it.
/// The caller deletes it. File names of different boards differ, because one release holds them side by side.
/// </param>
/// <param name="Reporter">Told of progress; diagnostics are returned, not told.</param>
public sealed record BuildContext(string OutputDirectory, IReporter Reporter)
{
    /// <summary>Off for a single image that nobody publishes: hashing a raw image costs as much as making it.</summary>
    public bool HashOutputs { get; init; } = true;

    /// <summary>Also read what packages the source holds: for releases, whose notes and lists are made of it.</summary>
    public bool ListPackages { get; init; }
}
