using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Units;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Oci.Sources;

namespace Pipeline.Engine.Building.Sources;

/// <summary>
/// Which labels an image has only because the image it was made from has them: they tell of another thing than they seem to. Builders
/// say what they built on in <c>org.opencontainers.image.base.*</c>, as annotations or labels.
/// </summary>
internal static partial class BaseLabels
{
    private const string BaseName = "org.opencontainers.image.base.name";
    private const string BaseDigest = "org.opencontainers.image.base.digest";

    /// <summary>Empty where the image does not say, or its base cannot be looked at.</summary>
    /// <param name="reference">Of the image: its base is looked at on the same registry only, because a container must not send us anywhere.</param>
    public static async Task<ImmutableArray<string>> InheritedAsync(
        Func<ImageSource, Result<IImageSource>> open, string reference, PlatformImage image, CancellationToken ct)
    {
        if (ReferenceOfBase(reference, image) is not { } text)
            return [];
        try
        {
            var opened = open(new(text, "/", null));
            if (!opened.IsOk)
                return [];
            await using var source = opened.Value!;
            var selected = await source.SelectAsync(image.Platform, ct);
            return selected.IsOk
                ? [.. image.Labels.Where(l => selected.Value!.Labels.TryGetValue(l.Key, out var value) && value == l.Value).Select(l => l.Key)]
                : [];
        }
        catch (Exception e) when (e is HttpRequestException or IOException or InvalidDataException)
        {
            return [];
        }
    }

    internal static string? ReferenceOfBase(string reference, PlatformImage image)
    {
        if (Say(image, BaseName) is not { } name || !Digest.TryParse(Say(image, BaseDigest), out var digest))
            return null;
        name = name.Split('@')[0];
        var (host, slash) = (reference.Split('/')[0], name.IndexOf('/', StringComparison.Ordinal));
        if (!RegistryHost().IsMatch(host) || slash < 0 || name[..slash] != host || name.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('.' or ':' or '/' or '-' or '_')))
            return null;
        var tag = name.LastIndexOf(':');
        return $"{(tag > slash ? name[..tag] : name)}@{digest}";
    }

    /// <summary>With a dot or a port, or this machine: <c>oci:DIR</c> is none.</summary>
    [GeneratedRegex(@"^([A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+(:\d+)?|[A-Za-z0-9-]+:\d+|localhost)$", RegexOptions.ExplicitCapture)]
    private static partial Regex RegistryHost();

    private static string? Say(PlatformImage image, string name) => image.Annotations.GetValueOrDefault(name) ?? image.Labels.GetValueOrDefault(name);
}
