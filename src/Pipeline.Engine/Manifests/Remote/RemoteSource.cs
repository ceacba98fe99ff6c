using Pipeline.Engine.Manifests.LinuxKit;
using Pipeline.Engine.Manifests.Reading;
using Pipeline.Engine.Manifests.Yaml;

namespace Pipeline.Engine.Manifests.Remote;

/// <summary>
/// What a manifest from elsewhere may take its root file system from: registries, and files of its own tree. Nothing of
/// this machine, and no script unless the repository that extends it says <c>trust: true</c> in a file of its own.
/// </summary>
internal static class RemoteSource
{
    private static readonly string[] Files = ["oci:", "oci-archive:", "docker-archive:", "tar:"];

    /// <param name="folder">Of the manifest that wrote it, absolute.</param>
    /// <param name="image">The merged manifest; null where no consent is possible.</param>
    /// <returns>Null when it may.</returns>
    public static string? Problem(string source, string folder, string treePath, YamlMap? image)
    {
        if (source.StartsWith(SourceText.Command, StringComparison.Ordinal))
            return IsTrusted(image) ? null : "it would run a script from elsewhere here; if you trust that, write 'trust: true' in your own manifest";
        if (source.StartsWith("containers-storage:", StringComparison.Ordinal))
            return "it would read this machine's own images; name an image in a registry";
        if (source.StartsWith(LinuxKitReader.Scheme, StringComparison.Ordinal))
            return "its files may name any file of this machine; copy it into your own repository";
        if (Array.Find(Files, s => source.StartsWith(s, StringComparison.Ordinal)) is not { } scheme)
            return null;
        var path = Path.GetFullPath(source[scheme.Length..], folder);
        return RepositoryPath.IsInside(path, treePath) && RepositoryPath.StaysInside(path.Split(':')[0], treePath)
            ? null
            : "it would read files of this machine; name an image in a registry, or a file beside that manifest";
    }

    /// <summary>Consent counts only where this repository wrote it.</summary>
    private static bool IsTrusted(YamlMap? image) =>
        image?.Find("trust") is { Value.Span.Tree: null } && image.Boolean("trust") == true;
}
