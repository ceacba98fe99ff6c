using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Carried;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Planning;
using Pipeline.Oci.Platforms;
using Pipeline.Oci.Sources;

namespace Pipeline.Engine.Resolving;

/// <summary>What a look at a source gave for one platform: something resolved, or a problem.</summary>
/// <param name="Name">The source's logical name.</param>
internal sealed record PlatformLook(string Name, ResolvedSource? Resolved, TargetProblem? Problem)
{
    /// <summary>The platform that was found; null where it was asked for.</summary>
    public Platform? Platform { get; init; }

    public ImmutableArray<Diagnostic> Warnings { get; init; } = [];
}

/// <summary>What the boards of a source want of it.</summary>
/// <param name="Only">Also the only platform that it offers, whichever that is.</param>
internal sealed record WantedPlatforms(ImmutableArray<Platform> Platforms, bool Only);

/// <summary>One look at one source, shared by all images that name it.</summary>
internal sealed class SourceLook
{
    private const string CommandScheme = "command:";
    private static readonly ImmutableArray<string> LocalSchemes = ["oci:", "oci-archive:", "docker-archive:", "tar:", "containers-storage:", CommandScheme];
    private readonly PlatformLook? _whole;
    private readonly PlatformLook? _only;
    private readonly ImmutableDictionary<Platform, PlatformLook> _byPlatform = ImmutableDictionary<Platform, PlatformLook>.Empty;

    private SourceLook(PlatformLook whole) => _whole = whole;

    private SourceLook(ImmutableDictionary<Platform, PlatformLook> byPlatform, PlatformLook? only) => (_byPlatform, _only) = (byPlatform, only);

    /// <param name="platform">Null is the only one.</param>
    public PlatformLook For(Platform? platform) => _whole ?? (platform is null ? _only! : _byPlatform[platform]);

    /// <summary>
    /// Equal keys name the same source: paths count from the folder of the manifest that wrote them; references by their
    /// full name, because <c>debian:12</c> and <c>docker.io/library/debian:12</c> are one.
    /// </summary>
    public static async Task<string> KeyAsync(ImageSource source, Func<ImageSource, Result<IImageSource>> open)
    {
        if (LocalSchemes.Any(s => source.Text.StartsWith(s, StringComparison.Ordinal)))
            return $"{source.BaseDirectoryPath}\0{source.Text}";
        var opened = open(source);
        if (!opened.IsOk)
            return source.Text;
        await using var image = opened.Value!;
        return image.Name;
    }

    /// <param name="source">Without a span: what is said about it is said to every manifest that names it, at its own place.</param>
    public static async Task<SourceLook> TakeAsync(
        ImageSource source, WantedPlatforms wanted, Func<ImageSource, Result<IImageSource>> open, CancellationToken ct)
    {
        try
        {
            if (source.Text.StartsWith(CommandScheme, StringComparison.Ordinal))
                return new(await CommandAsync(source, ct));
            var opened = open(source);
            if (!opened.IsOk)
                return new(Invalid(source.Text, opened.Diagnostics));
            await using var image = opened.Value!;
            return await ImageAsync(image, wanted, ct);
        }
        catch (Exception e) when (Outside.IsToBlame(e, ct))
        {
            return new(Unreachable(source.Text, e));
        }
    }

    private static async Task<SourceLook> ImageAsync(IImageSource image, WantedPlatforms wanted, CancellationToken ct)
    {
        var looked = await image.LookAsync(ct);
        if (!looked.IsOk)
            return new(Invalid(image.Name, looked.Diagnostics));
        var found = ImmutableDictionary.CreateBuilder<Platform, PlatformLook>();
        foreach (var platform in wanted.Platforms)
            found[platform] = await GuardAsync(image, () => SelectAsync(image, platform, looked.Diagnostics, ct), ct);
        var only = wanted.Only ? await GuardAsync(image, () => OnlyAsync(image, looked.Diagnostics, ct), ct) : null;
        return new(found.ToImmutable(), only);
    }

    private static async Task<PlatformLook> GuardAsync(IImageSource image, Func<Task<PlatformLook>> look, CancellationToken ct)
    {
        try
        {
            return await look();
        }
        catch (Exception e) when (Outside.IsToBlame(e, ct))
        {
            return Unreachable(image.Name, e);
        }
    }

    private static async Task<PlatformLook> SelectAsync(IImageSource image, Platform platform, ImmutableArray<Diagnostic> said, CancellationToken ct)
    {
        var selected = await image.SelectAsync(platform, ct);
        return selected.IsOk
            ? new(image.Name, new ResolvedImage(selected.Value!), null) { Platform = platform, Warnings = [.. said, .. selected.Diagnostics] }
            : Invalid(image.Name, selected.Diagnostics);
    }

    private static async Task<PlatformLook> OnlyAsync(IImageSource image, ImmutableArray<Diagnostic> said, CancellationToken ct)
    {
        var description = await ImageDescription.ReadAsync(image, ct);
        if (!description.IsOk)
            return Invalid(image.Name, description.Diagnostics);
        var platforms = description.Value!.Images.Select(i => i.Platform).OfType<Platform>().Distinct().ToList();
        return platforms switch
        {
            [var only] => await SelectAsync(image, only, said, ct),
            [] => Invalid(image.Name, [Diagnostic.Create(CarriedRules.NoPlatform, null, image.Name)]),
            _ => Invalid(image.Name, [Diagnostic.Create(CarriedRules.SeveralPlatforms, null, image.Name, string.Join(", ", platforms.Select(CarriedName.Of)))]),
        };
    }

    private static async Task<PlatformLook> CommandAsync(ImageSource source, CancellationToken ct)
    {
        var written = source.Text[CommandScheme.Length..];
        var root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(source.BaseDirectoryPath));
        var script = Path.GetFullPath(written, root);
        if (!script.StartsWith(root + '/', StringComparison.Ordinal))
            return Invalid(source.Text, [Diagnostic.Create(ResolvingRules.ScriptOutside, source.Span, written)]);
        if (!File.Exists(script))
            return Invalid(source.Text, [Diagnostic.Create(ResolvingRules.ScriptMissing, source.Span, written)]);
        var fingerprint = await FolderFingerprint.ComputeAsync(script, source.Span, ct);
        return fingerprint.IsOk
            ? new(source.Text, new ResolvedCommand(script, fingerprint.Value!), null)
            : Invalid(source.Text, fingerprint.Diagnostics);
    }

    private static PlatformLook Invalid(string name, ImmutableArray<Diagnostic> diagnostics) =>
        new(name, null, new(false, diagnostics));

    private static PlatformLook Unreachable(string name, Exception e) =>
        new(name, null, new(true, [Diagnostic.Create(ResolvingRules.Unreachable, null, name, Outside.Describe(e))]));
}
