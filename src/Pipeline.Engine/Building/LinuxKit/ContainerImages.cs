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
        foreach (var container in resolved.Images)
        {
            var unpacked = await planned.UnpackAsync(container.Source, container.Image, ct);
            bag.AddRange([.. unpacked.Diagnostics.Select(d => d with { Span = d.Span ?? container.Source.Span })]);
            if (unpacked.IsOk)
                images.Add(container.Place, new(container.Image, unpacked.Value!.Tree));
        }
        var system = bag.HasErrors ? null : new LinuxKitAssembler(document, images, bag).Assemble(ct);
        return system is null ? Result<LinuxKitSystem>.Failed(bag.ToImmutable().Distinct()) : new(system, [.. bag.ToImmutable().Distinct()]);
    }

    /// <summary>All images as if they were one: what identifiers and the clock are derived from.</summary>
    public static PlatformImage Whole(ResolvedLinuxKit resolved, Platform platform) => new(
        platform, resolved.Identity, resolved.Identity, resolved.Identity, [], [.. resolved.Images.SelectMany(i => i.Image.DiffIds)],
        ImmutableSortedDictionary<string, string>.Empty, resolved.Images.Max(i => i.Image.Created));

    public void Dispose() => planned.Dispose();
}
