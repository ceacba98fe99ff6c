using System.Text.Json;
using Pipeline.Core.Units;
using Pipeline.Engine.Planning;
using Pipeline.Oci.References;

namespace Pipeline.Engine.Publishing.Proof;

/// <summary>A resource descriptor of in-toto: something that went into a build, by what it is.</summary>
/// <param name="Algorithm">Key of the digest set.</param>
internal sealed record Dependency(string Name, string? Uri, string Algorithm, string Digest)
{
    private const string Content = ".content";
    private const string Image = ".image";

    /// <summary>The commit, the source, and every file and image whose digest is an input, in order of name.</summary>
    public static IEnumerable<Dependency> Of(BuildInputs inputs)
    {
        var observed = inputs.Observed;
        if (observed.TryGetValue(InputNames.GitCommit, out var commit))
            yield return new("repository", Repository(observed.GetValueOrDefault(InputNames.GitRepository), commit.Split('+')[0]), "gitCommit", commit.Split('+')[0]);
        var reference = observed.GetValueOrDefault(InputNames.SourceReference);
        if (inputs.Deciding.TryGetValue(InputNames.SourceManifest, out var manifest) && Core.Units.Digest.TryParse(manifest, out var source))
        {
            // The digest over a script's folder is of our own making and no digest of a file.
            yield return inputs.Deciding.ContainsKey(InputNames.SourcePlatform)
                ? new("source", null, "pipelineFolder", source.Hex)
                : new("source", PackageUrl(reference, source), source.Algorithm, source.Hex);
        }
        if (observed.TryGetValue(InputNames.SourceIndex, out var look) && Core.Units.Digest.TryParse(look, out var index) && look != manifest)
            yield return new("source index", PackageUrl(reference, index), index.Algorithm, index.Hex);
        foreach (var (name, value) in inputs.Deciding)
        {
            if (!Core.Units.Digest.TryParse(value, out var digest))
                continue;
            if (name.EndsWith(Content, StringComparison.Ordinal))
                yield return new(name[..^Content.Length], null, digest.Algorithm, digest.Hex);
            else if (name.EndsWith(Image, StringComparison.Ordinal))
                yield return new(name, PackageUrl(observed.GetValueOrDefault(name[..^Image.Length] + ".reference"), digest), digest.Algorithm, digest.Hex);
        }
    }

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("name", Name);
        if (Uri is not null)
            json.WriteString("uri", Uri);
        json.WriteStartObject("digest");
        json.WriteString(Algorithm, Digest);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static string? Repository(string? address, string commit) => address is null ? null : $"git+{address}@{commit}";

    /// <summary>package-url's type oci; null for what lies on a disk and not in a registry.</summary>
    private static string? PackageUrl(string? reference, Digest digest)
    {
        if (reference is null || IsLocal(reference) || ImageReference.Parse(reference, null) is not { IsOk: true, Value: { } image })
            return null;
        var name = image.Repository[(image.Repository.LastIndexOf('/') + 1)..];
        var tag = image.Tag is null ? "" : "&tag=" + System.Uri.EscapeDataString(image.Tag);
        return $"pkg:oci/{name}@{System.Uri.EscapeDataString(digest.Text)}?repository_url={System.Uri.EscapeDataString($"{image.Host}/{image.Repository}")}{tag}";
    }

    private static bool IsLocal(string reference) =>
        Array.Exists(["oci:", "oci-archive:", "docker-archive:", "tar:", "containers-storage:", "command:"], s => reference.StartsWith(s, StringComparison.Ordinal));
}
