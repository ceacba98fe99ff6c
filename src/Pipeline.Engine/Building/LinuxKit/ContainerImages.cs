using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Building.Sources;
using Pipeline.Engine.Manifests.LinuxKit;
using Pipeline.Engine.Planning;
using Pipeline.Oci.Platforms;
using Pipeline.Oci.Sources;

namespace Pipeline.Engine.Building.LinuxKit;

/// <summary>The images of a document on their way to one system. What was unpacked lives as long as this.</summary>
internal sealed class ContainerImages(PlannedImages planned) : IDisposable
{
    public async Task<Result<LinuxKitSystem>> AssembleAsync(LinuxKitDocument document, ResolvedLinuxKit resolved, CancellationToken ct)
    {
        var bag = new DiagnosticBag();
        var images = new Dictionary<string, UnpackedContainer>(StringComparer.Ordinal);
        foreach (var volume in document.Volumes.Where(v => v.IsOci))
            await StoreAsync(volume, resolved, images, bag, ct);
        var stored = document.Volumes.Where(v => v.IsOci).Select(v => v.Image!.Place).ToHashSet(StringComparer.Ordinal);
        foreach (var container in resolved.Images.Where(i => !stored.Any(p => IsOf(i, p))))
        {
            var unpacked = await planned.UnpackAsync(container.Source, container.Image, ct);
            bag.AddRange([.. unpacked.Diagnostics.Select(d => d with { Span = d.Span ?? container.Source.Span })]);
            if (unpacked.IsOk)
                images.Add(container.Place, new(container.Image, unpacked.Value!.Tree));
        }
        var system = bag.HasErrors ? null : new LinuxKitAssembler(document, images, bag).Assemble(ct);
        return system is null ? Result<LinuxKitSystem>.Failed(bag.ToImmutable().Distinct()) : new(system, [.. bag.ToImmutable().Distinct()]);
    }

    /// <summary>A volume of several platforms has a place for each.</summary>
    private static bool IsOf(ResolvedContainer image, string place) =>
        image.Place == place || (image.Place.StartsWith(place + "[", StringComparison.Ordinal) && image.Place.EndsWith(']'));

    private async Task StoreAsync(
        LinuxKitVolume volume, ResolvedLinuxKit resolved, Dictionary<string, UnpackedContainer> images, DiagnosticBag bag, CancellationToken ct)
    {
        var stored = new List<StoredImage>();
        var source = volume.Image!.Source;
        foreach (var platform in resolved.Images.Where(i => IsOf(i, volume.Image.Place)))
        {
            if (platform.Image.Originals is null)
            {
                bag.Add(LinuxKitBuildRules.NoOriginals, source.Span, source.Text);
                return;
            }
            var fetched = await planned.FetchAsync(platform.Source, platform.Image, ct);
            bag.AddRange([.. fetched.Diagnostics.Select(d => d with { Span = d.Span ?? source.Span })]);
            if (!fetched.IsOk)
                return;
            stored.Add(new(platform.Image, fetched.Value!));
        }
        images.Add(volume.Image.Place, new(stored[0].Image, OciVolume.Make(source.Text, stored)));
    }

    /// <summary>All images as if they were one: what identifiers and the clock are derived from.</summary>
    public static PlatformImage Whole(ResolvedLinuxKit resolved, Platform platform) => new(
        platform, resolved.Identity, resolved.Identity, resolved.Identity, [], [.. resolved.Images.SelectMany(i => i.Image.DiffIds)],
        ImmutableSortedDictionary<string, string>.Empty, resolved.Images.Max(i => i.Image.Created));

    public void Dispose() => planned.Dispose();
}
