using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Manifests.Yaml;

namespace Pipeline.Engine.Manifests.Reading;

/// <summary><c>pipeline.yaml</c> as a model.</summary>
internal sealed class ConfigReader(string rootPath, DiagnosticBag bag)
{
    public PipelineConfig Read(YamlMap tree)
    {
        var standard = new PipelineConfig();
        var releases = tree.Map("releases");
        CheckOneStore(releases);
        return new PipelineConfig
        {
            ReleaseDirectory = ReadDirectory(releases.Scalar("directory")) ?? standard.ReleaseDirectory,
            GitHub = ReadGitHub(releases),
            ReleaseRegistry = ReadPlace(releases.Scalar("registry")),
            KeepReleases = (int?)releases.Integer("keep"),
            Notes = new NotesReader(rootPath, bag).Read(releases.Map("notes")),
            SbomForms = releases?.Find("sbom") is null ? standard.SbomForms : NotesReader.ReadForms(releases),
            Signing = new SigningReader(rootPath, bag).Read(tree),
            Provenance = ReadProvenance(tree.Map("provenance")),
            Registries = ReadRegistries(tree.Map("registries")),
            CacheLimitBytes = SizeText.Read(tree.Map("cache").Scalar("limit"), 512, bag)?.Bytes ?? standard.CacheLimitBytes,
            CacheRegistry = ReadCache(tree.Map("cache").Scalar("registry")),
        };
    }

    private string? ReadDirectory(YamlScalar? directory)
    {
        var problem = directory is null ? null
            : directory.Text.Any(char.IsControl) ? "it has a control character; remove it"
            : ReleasePlace.ManifestsProblem(directory.Text);
        if (problem is null)
            return directory?.Text;
        bag.Add(ManifestRules.UnclearPath, directory!.Span, Message.Quote(directory.Text), problem);
        return null;
    }

    private void CheckOneStore(YamlMap? releases)
    {
        var stores = (releases?.Entries ?? []).Where(e => e.Key is "directory" or "github" or "registry").ToList();
        foreach (var second in stores.Skip(1))
            bag.Add(ManifestRules.TwoStores, second.KeySpan, second.Key, stores[0].Key);
    }

    private GitHubStore? ReadGitHub(YamlMap? releases)
    {
        if (releases?.Find("github") is null)
            return null;
        var github = releases.Map("github");
        var large = github.Scalar("large")?.Text switch
        {
            "recompress" => LargeFilePolicy.Recompress,
            "refuse" => LargeFilePolicy.Refuse,
            _ => LargeFilePolicy.Split,
        };
        return new(github.Scalar("repository")?.Text, ReadApi(github.Scalar("api")), large);
    }

    private Uri? ReadApi(YamlScalar? api)
    {
        if (api is null)
            return null;
        if (Uri.TryCreate(api.Text.TrimEnd('/') + "/", UriKind.Absolute, out var address) && address is { UserInfo: "", Query: "", Fragment: "" }
            && (address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback)))
        {
            return address;
        }
        bag.Add(ManifestRules.GitHubApi, api.Span, Message.Quote(api.Text));
        return null;
    }

    private ProvenanceConfig ReadProvenance(YamlMap? provenance)
    {
        var builder = provenance.Scalar("builder");
        if (builder is not null && !(Uri.TryCreate(builder.Text, UriKind.Absolute, out var uri) && uri is { UserInfo: "", Query: "" } && Uri.IsWellFormedUriString(builder.Text, UriKind.Absolute)))
        {
            bag.Add(ManifestRules.BuilderAddress, builder.Span, Message.Quote(builder.Text));
            builder = null;
        }
        return new(builder?.Text, provenance.Boolean("run") ?? false);
    }

    private string? ReadPlace(YamlScalar? place)
    {
        if (place is null)
            return null;
        if (ReleasePlace.Problem(place.Text) is not { } problem)
            return place.Text;
        bag.Add(ManifestRules.ReleasePlace, place.Span, SourceText.Quote(place.Text), problem);
        return null;
    }

    private string? ReadCache(YamlScalar? place)
    {
        if (place is null || RegistryPlace.Problem(place.Text) is not { } problem)
            return place?.Text;
        bag.Add(ManifestRules.CachePlace, place.Span, SourceText.Quote(place.Text), problem);
        return null;
    }

    private ImmutableSortedDictionary<string, RegistryConfig> ReadRegistries(YamlMap? tree)
    {
        var registries = ImmutableSortedDictionary.CreateBuilder<string, RegistryConfig>(StringComparer.Ordinal);
        foreach (var entry in tree?.Entries ?? [])
        {
            CheckHost(entry.Key, entry.KeySpan);
            var registry = entry.Value as YamlMap;
            foreach (var mirror in registry.Scalars("mirrors"))
                CheckHost(mirror.Text, mirror.Span);
            registries[entry.Key] = new RegistryConfig(
                [.. registry.Scalars("mirrors").Select(m => m.Text)], registry.Boolean("plainHttp") ?? false, ReadCertificate(registry.Scalar("ca")));
        }
        return registries.ToImmutable();
    }

    private void CheckHost(string text, SourceSpan span)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (!SourceText.IsHost(slash < 0 ? text : text[..slash]) || (slash >= 0 && SourceText.Problem(text) is not null))
            bag.Add(ManifestRules.RegistryHost, span, SourceText.Quote(text));
    }

    /// <summary>Absolute. A system-wide file may be named by its absolute path; a relative one lies in the repository.</summary>
    private string? ReadCertificate(YamlScalar? file)
    {
        if (file is null)
            return null;
        var path = file.Text.Contains('\0') ? "" : Path.GetFullPath(Path.Combine(rootPath, file.Text));
        if (File.Exists(path))
            return path;
        bag.Add(ManifestRules.CertificateMissing, file.Span, Message.Quote(file.Text));
        return null;
    }
}
