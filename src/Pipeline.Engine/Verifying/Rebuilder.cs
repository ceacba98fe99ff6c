using System.Collections.Immutable;
using System.Globalization;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Reporting;
using Pipeline.Engine.Building;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Planning;
using Pipeline.Engine.Publishing;
using Pipeline.Engine.Publishing.Reading;
using Pipeline.Engine.Resolving;

namespace Pipeline.Engine.Verifying;

/// <param name="Builder">Makes a builder whose clock is the recorded SOURCE_DATE_EPOCH; null is the source's own.</param>
/// <param name="ScratchDirectory">Absolute, exists; this call's own, and the caller's to delete.</param>
public sealed record RebuildParts(Resolver Resolver, Func<long?, IImageBuilder> Builder, IReporter Reporter, string ScratchDirectory)
{
    /// <summary>The clock where a release does not say which one it had.</summary>
    public long? UsualEpoch { get; init; }
}

/// <summary>Gives the manifests that a target was built of, as <see cref="RecordedManifests"/> does.</summary>
public delegate Task<Result<Workspace>> ReadManifests(PublishedTarget target, CancellationToken ct);

/// <summary>
/// Builds targets of a release again from what was recorded of them, and compares to the byte. Where the manifests are not
/// what they were, the inputs that differ are told, and it is built all the same, because where the images differ says what
/// that input does.
/// </summary>
public sealed class Rebuilder(RebuildParts parts)
{
    private int _count;

    /// <param name="wanted">Which targets.</param>
    /// <exception cref="IOException">The outside failed.</exception>
    /// <exception cref="HttpRequestException">Likewise.</exception>
    public async Task<RebuildReport> RunAsync(ReadManifests manifests, ReleaseRecord record, IReleaseFiles release, Func<PublishedTarget, bool> wanted, CancellationToken ct)
    {
        var bag = new DiagnosticBag();
        var files = ImmutableArray.CreateBuilder<RebuiltFile>();
        foreach (var target in record.Targets.Values.Where(wanted))
        {
            var built = await BuildAsync(manifests, target, bag, ct);
            foreach (var file in target.Files)
                files.Add(built is null ? new(target.Id, file.Name, RebuildVerdict.NotBuilt, null) : await CompareAsync(target, file, built, new JoinedFiles(release), bag, ct));
        }
        return new(files.ToImmutable(), bag.ToImmutable());
    }

    /// <summary>Null where it could not be built; why was told.</summary>
    private async Task<Artifact?> BuildAsync(ReadManifests manifests, PublishedTarget recorded, DiagnosticBag bag, CancellationToken ct)
    {
        var read = await manifests(recorded, ct);
        if (read.Value is not { } workspace || PinnedWorkspace.Of(workspace, recorded) is not { } pinned)
        {
            bag.AddRange(read.Value is null ? read.Diagnostics : []);
            bag.Add(VerifyRules.NoSuchTarget, null, recorded.Id, recorded.Inputs.Observed.GetValueOrDefault(InputNames.GitCommit, "(unknown)").Split('+')[0]);
            return null;
        }
        var targets = await parts.Resolver.ResolveAsync(pinned, TargetSelection.All, ct);
        if (targets is not [{ Inputs: { } inputs } target])
        {
            bag.AddRange(targets.SelectMany(t => t.Problem?.Diagnostics ?? []));
            bag.Add(VerifyRules.NotRebuilt, null, recorded.Id);
            return null;
        }
        foreach (var reason in Planner.Differences(recorded.Inputs.Deciding, inputs.Deciding))
            bag.Add(VerifyRules.InputDiffers, null, recorded.Id, reason.Input, Reason.Show(reason.Old), Reason.Show(reason.New));
        return await BuildAsync(target, EpochOf(recorded), bag, ct);
    }

    private async Task<Artifact?> BuildAsync(Target target, long? epoch, DiagnosticBag bag, CancellationToken ct)
    {
        var output = Directory.CreateDirectory(Path.Combine(parts.ScratchDirectory, $"rebuild{_count++.ToString(CultureInfo.InvariantCulture)}")).FullName;
        var results = await parts.Builder(epoch).BuildAsync([target], new(output, parts.Reporter), ct);
        var built = results.Single();
        if (built is { IsOk: true, Value: { } artifact })
            return artifact;
        bag.AddRange(built.Diagnostics);
        bag.Add(VerifyRules.NotRebuilt, null, target.Id);
        return null;
    }

    private long? EpochOf(PublishedTarget recorded) =>
        !recorded.Inputs.Observed.TryGetValue(InputNames.BuildEpoch, out var text) ? parts.UsualEpoch
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var epoch) ? epoch
        : null;

    private static async Task<RebuiltFile> CompareAsync(PublishedTarget target, ReleaseFile file, Artifact built, JoinedFiles release, DiagnosticBag bag, CancellationToken ct)
    {
        var (id, name) = (target.Id, file.Name);
        if (built.Files.FirstOrDefault(f => f.Name == name) is not { } rebuilt)
        {
            bag.Add(VerifyRules.NotRebuilt, null, name);
            return new(id, name, RebuildVerdict.NotBuilt, null);
        }
        // The bytes of the release, not only what its record says of them: either may have been changed.
        var isRecorded = rebuilt.Sha256 == file.Sha256;
        if (!release.Has(name))
            return new(id, name, isRecorded ? RebuildVerdict.Equal : Differs(bag, VerifyRules.SidecarDiffers, name, 0), null);
        var first = ImageComparison.FirstDifference(await release.OpenAsync(name, ct), File.OpenRead(rebuilt.Path), ct);
        if (first is null)
            return new(id, name, RebuildVerdict.Equal, null);
        if (name != target.Files[0].Name)
            return new(id, name, Differs(bag, VerifyRules.SidecarDiffers, name, first), first);
        var inImage = await FirstInImageAsync(name, rebuilt, release, ct);
        if (inImage is { } at)
            return new(id, name, Differs(bag, VerifyRules.BytesDiffer, name, at, ImageComparison.Place(built.Map, at)), at);
        bag.Add(VerifyRules.PackedDiffers, null, name);
        return new(id, name, RebuildVerdict.PackedDifferently, null);
    }

    /// <summary>Null where the images are the same once they are unpacked. One that cannot be unpacked differs at its beginning.</summary>
    private static async Task<long?> FirstInImageAsync(string name, ArtifactFile rebuilt, JoinedFiles release, CancellationToken ct)
    {
        try
        {
            return ImageComparison.FirstDifferenceUnpacked(await release.OpenAsync(name, ct), File.OpenRead(rebuilt.Path), ct);
        }
        catch (InvalidDataException)
        {
            return 0;
        }
    }

    private static RebuildVerdict Differs(DiagnosticBag bag, Rule rule, params ReadOnlySpan<object?> arguments)
    {
        bag.Add(rule, null, arguments);
        return RebuildVerdict.Differs;
    }
}
