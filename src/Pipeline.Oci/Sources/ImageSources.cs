using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Oci.Cache;
using Pipeline.Oci.References;
using Pipeline.Oci.Registry;
using Pipeline.Oci.Registry.Auth;
using Pipeline.Oci.Sources.Storage;

namespace Pipeline.Oci.Sources;

/// <summary>Opens whatever a manifest calls a source. One for a run: it owns the connections, the tokens and the cache.</summary>
public sealed class ImageSources : IAsyncDisposable
{
    private static readonly string[] Schemes = ["docker", "oci", "oci-archive", "docker-archive", "containers-storage", "tar", "command"];
    private readonly SourceOptions _options;
    private readonly RegistryTable _table;
    private readonly RegistryTransport _transport;
    private readonly Memo _memo;
    private readonly LocalFiles _files;
    private readonly SharedCache? _shared;

    public ImageSources(SourceOptions options)
    {
        _options = options;
        Cache = new BlobCache(options.CacheDirectory, options.CacheLimitBytes, options.Time);
        _memo = new Memo(options.CacheDirectory);
        _files = new LocalFiles(Cache, _memo);
        _table = new RegistryTable(options.Registries);
        var credentials = new CredentialStore(options.AuthFile, options.Environment ?? Environment.GetEnvironmentVariable, options.Reporter);
        _transport = new RegistryTransport(_table, credentials, options.Reporter, options.Time);
        if (options.SharedCache is { } place && !options.Offline && OpenArtifacts(place).Value is { } repository)
            _shared = new SharedCache(repository, Cache, options.SharedCachePatience, options.Reporter);
    }

    public BlobCache Cache { get; }

    /// <summary>
    /// Opens a source by its text. Looks at local files, never at the network. <c>command:</c> sources are the engine's.
    /// </summary>
    /// <param name="baseDirectory">What relative paths are relative to.</param>
    /// <param name="span">Where the text was written; all diagnostics of the source carry it.</param>
    public Result<IImageSource> Open(string text, string baseDirectory, SourceSpan? span)
    {
        var (scheme, rest) = SplitScheme(text);
        return scheme switch
        {
            "oci" => OpenLayout(text, rest, baseDirectory, span),
            "oci-archive" or "docker-archive" => OpenArchive(text, rest, baseDirectory, span),
            "tar" => OpenTar(text, Path.GetFullPath(rest, baseDirectory), span),
            "containers-storage" => StorageSource.Open(text, rest, _options.Environment ?? Environment.GetEnvironmentVariable, span),
            "docker-daemon" => Fail(ReferenceRules.ElsewhereScheme, span, scheme, "docker save"),
            _ when IsUnknownScheme(scheme, rest) => Fail(ReferenceRules.UnknownScheme, span, scheme, Suggestion(scheme!)),
            _ => OpenRegistry(text, span),
        };
    }

    /// <summary>A repository that artifacts are written to, with the same credentials and connections as sources.</summary>
    /// <param name="name">HOST[:PORT]/PATH without a tag.</param>
    public Result<ArtifactRepository> OpenArtifacts(string name)
    {
        var parsed = ImageReference.Parse(name, null);
        return parsed.IsOk
            ? new ArtifactRepository(_transport, _table.Primary(parsed.Value!))
            : Result<ArtifactRepository>.Failed(parsed.Diagnostics);
    }

    /// <summary>Waits until the shared cache has what it was given.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_shared is not null)
            await _shared.DisposeAsync();
        _transport.Dispose();
    }

    private Result<IImageSource> OpenRegistry(string text, SourceSpan? span)
    {
        var parsed = ImageReference.Parse(text, span);
        if (!parsed.IsOk)
            return Result<IImageSource>.Failed(parsed.Diagnostics);
        var reference = parsed.Value!;
        var client = new RegistryClient(_transport, _table.Primary(reference), _table.Mirrors(reference));
        return new(new RegistrySource(reference, client, new(Cache, _memo, _shared, _options.Offline), _transport.Retry, span), []);
    }

    private static Result<IImageSource> OpenLayout(string text, string rest, string baseDirectory, SourceSpan? span)
    {
        var (path, name) = SplitPath(rest, baseDirectory, Directory.Exists);
        return Directory.Exists(path)
            ? new(new LayoutSource(text, new DirectoryStore(path), name, span), [])
            : Fail(SourceRules.NotFound, span, rest, "directory");
    }

    private Result<IImageSource> OpenArchive(string text, string rest, string baseDirectory, SourceSpan? span)
    {
        var (path, name) = SplitPath(rest, baseDirectory, File.Exists);
        return Fault(path, rest, span) ?? new(new ArchiveSource(text, path, name, _files, span), []);
    }

    private Result<IImageSource> OpenTar(string text, string path, SourceSpan? span) =>
        Fault(path, text["tar:".Length..], span) ?? new(new TarSource(text, path, _files, span), []);

    private static Result<IImageSource>? Fault(string path, string shown, SourceSpan? span)
    {
        if (!File.Exists(path))
            return Fail(SourceRules.NotFound, span, shown, "file");
        return FileStatus.StreamKind(path) is { } kind ? Fail(SourceRules.NotAFile, span, shown, kind) : (Result<IImageSource>?)null;
    }

    /// <summary>A path may hold colons: it is the longest one that exists, and the name is what follows.</summary>
    private static (string Path, string? Name) SplitPath(string rest, string baseDirectory, Func<string, bool> exists)
    {
        var whole = Path.GetFullPath(rest, baseDirectory);
        for (var colon = rest.LastIndexOf(':'); !exists(whole) && colon > 0; colon = rest.LastIndexOf(':', colon - 1))
        {
            if (exists(Path.GetFullPath(rest[..colon], baseDirectory)))
                return (Path.GetFullPath(rest[..colon], baseDirectory), rest[(colon + 1)..]);
        }
        return (whole, null);
    }

    private static (string? Scheme, string Tail) SplitScheme(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && text.AsSpan(0, colon).IndexOfAnyExceptInRange('a', 'z') is var odd && (odd < 0 || text[odd] == '-')
            ? (text[..colon], text[(colon + 1)..]) : (null, text);
    }

    private static bool IsUnknownScheme(string? scheme, string rest) =>
        scheme is not null && scheme is not ("docker" or "localhost")
        && (rest.StartsWith('.') || rest.StartsWith('/') || Suggestion(scheme).Length > 0);

    private static string Suggestion(string scheme) =>
        Schemes.FirstOrDefault(s => Distance(s, scheme) <= Math.Min(2, s.Length / 3)) is { } near ? $"; did you mean '{near}:'?" : "";

    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)));
        }
        return row[^1];
    }

    private static Result<IImageSource> Fail(Rule rule, SourceSpan? span, params ReadOnlySpan<object?> arguments) =>
        Result<IImageSource>.Failed(Diagnostic.Create(rule, span, arguments));
}
