using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.LinuxKit;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Manifests.Remote;
using Pipeline.Engine.Manifests.Yaml;

namespace Pipeline.Engine.Manifests.Reading;

/// <summary>An image that something beside a system's own source comes from: it is looked at, and no script makes it.</summary>
internal static class OneImage
{
    public static ImageSource Read(YamlScalar image, string rootPath, DiagnosticBag bag)
    {
        var folder = RepositoryPath.FolderOf(image.Span, rootPath);
        var problem = image.Text.StartsWith(SourceText.Command, StringComparison.Ordinal)
            ? "a script makes the source of an image; name an image here"
            : LinuxKitReader.Is(new(image.Text, "", null)) ? "that is a system of several images; name one image"
            : SourceText.Problem(image.Text)
                ?? (image.Span.Tree is { } tree ? RemoteSource.Problem(image.Text, folder, tree.RootPath, null) : null);
        if (problem is not null)
            bag.Add(ManifestRules.SourceSyntax, image.Span, SourceText.Quote(image.Text), problem);
        return new(image.Text, folder, image.Span);
    }
}
