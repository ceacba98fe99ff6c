using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Planning;
using Pipeline.Oci.Platforms;
using Pipeline.Oci.Sources;

namespace Pipeline.Engine.Resolving;

/// <summary>What a look at a source gave for one platform: something resolved, or a problem.</summary>
/// <param name="Name">The source's logical name.</param>
internal sealed record PlatformLook(string Name, ResolvedSource? Resolved, TargetProblem? Problem)
{
    public ImmutableArray<Diagnostic> Warnings { get; init; } = [];
}

/// <summary>One look at one source, shared by all images that name it.</summary>
internal sealed class SourceLook
{
    private const string CommandScheme = "command:";
    private static readonly ImmutableArray<string> LocalSchemes = ["oci:", "oci-archive:", "docker-archive:", "tar:", CommandScheme];
    private readonly PlatformLook? _whole;
    private readonly ImmutableDictionary<Platform, PlatformLook> _byPlatform = ImmutableDictionary<Platform, PlatformLook>.Empty;

    private SourceLook(PlatformLook whole) => _whole = whole;

    private SourceLook(ImmutableDictionary<Platform, PlatformLook> byPlatform) => _byPlatform = byPlatform;

    public PlatformLook For(Platform platform) => _whole ?? _byPlatform[platform];

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
        ImageSource source, ImmutableArray<Platform> platforms, Func<ImageSource, Result<IImageSource>> open, CancellationToken ct)
    {
        try
        {
            if (source.Text.StartsWith(CommandScheme, StringComparison.Ordinal))
                return new(await CommandAsync(source, ct));
            var opened = open(source);
            if (!opened.IsOk)
                return new(Invalid(source.Text, opened.Diagnostics));
            await using var image = opened.Value!;
            return await ImageAsync(image, platforms, ct);
        }
        catch (Exception e) when (Outside.IsToBlame(e, ct))
        {
            return new(Unreachable(source.Text, e));
        }
    }

    private static async Task<SourceLook> ImageAsync(IImageSource image, ImmutableArray<Platform> platforms, CancellationToken ct)
    {
        var looked = await image.LookAsync(ct);
        if (!looked.IsOk)
            return new(Invalid(image.Name, looked.Diagnostics));
        var found = ImmutableDictionary.CreateBuilder<Platform, PlatformLook>();
        foreach (var platform in platforms)
        {
            try
            {
                var selected = await image.SelectAsync(platform, ct);
                found[platform] = selected.IsOk
                    ? new(image.Name, new ResolvedImage(selected.Value!), null) { Warnings = [.. looked.Diagnostics, .. selected.Diagnostics] }
                    : Invalid(image.Name, selected.Diagnostics);
            }
            catch (Exception e) when (Outside.IsToBlame(e, ct))
            {
                found[platform] = Unreachable(image.Name, e);
            }
        }
        return new(found.ToImmutable());
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
