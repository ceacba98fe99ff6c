using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Manifests.Reading;
using Pipeline.Engine.Manifests.Yaml;

namespace Pipeline.Engine.Manifests.LinuxKit;

/// <summary>
/// What LinuxKit files call images. Their short names are Docker Hub's (<c>linuxkit/init:v1</c>, <c>nginx</c>), as in
/// LinuxKit; the schemes of this tool are taken as well.
/// </summary>
internal sealed class LinuxKitImages(string rootPath, DiagnosticBag bag)
{
    private static readonly string[] Schemes = ["oci:", "oci-archive:", "docker-archive:", "containers-storage:", "tar:"];

    /// <param name="place">Its name among the inputs.</param>
    public LinuxKitImage Read(YamlScalar? scalar, string place)
    {
        if (scalar is null)
            return new(place, new("", rootPath, null));
        var text = Expand(scalar.Text);
        if (Problem(scalar.Text, text) is { } problem)
            bag.Add(LinuxKitRules.Image, scalar.Span, Message.Quote(scalar.Text), problem);
        return new(place, new(text, RepositoryPath.FolderOf(scalar.Span, rootPath), scalar.Span));
    }

    /// <summary>The whole name of an image.</summary>
    public static string Expand(string text)
    {
        if (Array.Exists(Schemes, s => text.StartsWith(s, StringComparison.Ordinal)) || text.StartsWith('@') || text.Contains("://", StringComparison.Ordinal))
            return text;
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0)
            return "docker.io/library/" + text;
        return SourceText.IsHost(text[..slash]) ? text : "docker.io/" + text;
    }

    private static string? Problem(string written, string text)
    {
        if (written.StartsWith("@pkg:", StringComparison.Ordinal))
            return "a package directory is no image yet; build it (linuxkit pkg build) and name the image";
        if (written.StartsWith(SourceText.Command, StringComparison.Ordinal))
            return "a script makes the source of an image; name an image here";
        return SourceText.Problem(text);
    }
}
