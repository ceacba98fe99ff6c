using System.Collections.Immutable;
using System.Text;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Units;
using Pipeline.Engine.Manifests.LinuxKit;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Planning;
using Pipeline.Oci.Platforms;

namespace Pipeline.Engine.Resolving;

/// <summary>A system of several containers: all of them are looked at, and each one's digest decides by its own name.</summary>
internal static class LinuxKitLooks
{
    /// <summary>Every image of a document with the platform that is wanted of it, from where it is pinned to. A volume may want several.</summary>
    public static IEnumerable<(string Place, ImageSource Source, Platform Platform)> Wants(LinuxKitDocument document, Platform board)
    {
        foreach (var image in document.Images)
        {
            var volume = document.Volumes.FirstOrDefault(v => v.Image == image);
            var platforms = (volume?.Platforms ?? []).Select(p => Platform.Parse(p, null).Value!).Distinct().ToList();
            if (platforms.Count == 0)
                yield return Want(image.Place, board);
            foreach (var platform in platforms)
                yield return Want($"{image.Place}[{platform}]", platform);

            (string, ImageSource, Platform) Want(string place, Platform platform) => (place, document.Pins.GetValueOrDefault(place, image.Source), platform);
        }
    }

    /// <summary>One look made of many: the first that failed is the failure of the whole.</summary>
    public static PlatformLook Look(ImageManifest image, Platform board, Func<ImageSource, SourceLook> find)
    {
        var document = image.LinuxKit!;
        var (images, warnings) = (ImmutableArray.CreateBuilder<ResolvedContainer>(), ImmutableArray.CreateBuilder<Diagnostic>());
        var problems = new List<TargetProblem>();
        foreach (var (place, source, platform) in Wants(document, board))
        {
            var look = find(source).For(platform);
            if (look.Problem is { } problem)
                problems.Add(problem with { Diagnostics = Placed(problem.Diagnostics, source) });
            warnings.AddRange(Placed(look.Warnings, source));
            if (look.Resolved is ResolvedImage { Image: var resolved })
                images.Add(new(place, look.Name, source, resolved));
        }
        if (problems.Count > 0)
            return new(image.Source.Text, null, Joined(problems));
        var resolvedAll = new ResolvedLinuxKit(images.ToImmutable(), Identity(document, images));
        return new(image.Source.Text, resolvedAll, null) { Platform = board, Warnings = [.. warnings.Distinct()] };
    }

    /// <summary>Adds the digest of each container to what decides a target.</summary>
    public static Target Complete(Target target)
    {
        if (target.Inputs is not { } inputs || target.Resolved is not ResolvedLinuxKit { Images: var images })
            return target;
        var (deciding, observed) = (inputs.Deciding.ToBuilder(), inputs.Observed.ToBuilder());
        // The whole would only repeat what its parts say.
        deciding.Remove(InputNames.SourceManifest);
        foreach (var image in images)
        {
            deciding[InputNames.LinuxKitImage(image.Place)] = image.Image.ManifestDigest.Text;
            observed[InputNames.LinuxKitReference(image.Place)] = image.Name;
        }
        return target with { Inputs = new(deciding.ToImmutable(), observed.ToImmutable()) };
    }

    /// <summary>What can be mended is told first: trying again would not help.</summary>
    private static TargetProblem Joined(List<TargetProblem> problems)
    {
        var worst = problems.Exists(p => !p.IsUnreachable) ? problems.Where(p => !p.IsUnreachable) : problems;
        return new(problems.TrueForAll(p => p.IsUnreachable), [.. worst.SelectMany(p => p.Diagnostics).Distinct()]);
    }

    private static Digest Identity(LinuxKitDocument document, IEnumerable<ResolvedContainer> images)
    {
        var text = new StringBuilder();
        foreach (var image in images)
            text.Append($"{image.Place}={image.Image.ManifestDigest.Text}\n");
        return Digest.Sha256(Encoding.UTF8.GetBytes(text.Append(document.Json).ToString()));
    }

    private static ImmutableArray<Diagnostic> Placed(ImmutableArray<Diagnostic> diagnostics, ImageSource source) =>
        [.. diagnostics.Select(d => d with { Span = d.Span ?? source.Span })];
}
