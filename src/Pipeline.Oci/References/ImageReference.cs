using System.Text.RegularExpressions;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Units;

namespace Pipeline.Oci.References;

/// <summary>
/// An image in a registry, as a person names it: <c>host/repository[:tag][@digest]</c>. Where there is no digest there is
/// a tag (<c>latest</c> if none was written). Host and repository are lower case; Docker Hub is always <c>docker.io</c>.
/// </summary>
/// <param name="Host">With its port, such as <c>localhost:5000</c>. Not always where the API lives: see the registry room.</param>
public sealed partial record ImageReference(string Host, string Repository, string? Tag, Digest? Digest)
{
    public const string DockerHub = "docker.io";
    private const int MaxNameLength = 255;
    private const int MaxTextLength = 1024;

    /// <summary>The whole reference; what <see cref="Parse"/> reads gives the same again.</summary>
    public string Name => $"{Host}/{Repository}" + (Tag is null ? "" : ":" + Tag) + (Digest is null ? "" : "@" + Digest);

    /// <summary>What the API is asked for: the digest where there is one, as it cannot move.</summary>
    public string Selector => Digest?.Text ?? Tag!;

    public static Result<ImageReference> Parse(string text, SourceSpan? span)
    {
        var rest = text.StartsWith("docker://", StringComparison.Ordinal) ? text["docker://".Length..] : text;
        if (CredentialsPattern().IsMatch(rest))
            return Fail(ReferenceRules.HasCredentials, span);
        if (text.Length > MaxTextLength || rest.Any(c => c is <= ' ' or > '~'))
            return Fail(ReferenceRules.Malformed, span, Shorten(text), "expected at most 1024 printable ASCII characters");
        if (rest.Contains("://", StringComparison.Ordinal))
            return Fail(ReferenceRules.Malformed, span, text, "a registry is named without http:// or https://");
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0 || !LooksLikeHost(rest[..slash]))
            return Unqualified(text, rest, span);
        return ParseParts(text, rest[..slash].ToLowerInvariant(), rest[(slash + 1)..], span);
    }

    public override string ToString() => Name;

    private static Result<ImageReference> ParseParts(string text, string host, string rest, SourceSpan? span)
    {
        Digest? digest = null;
        var at = rest.IndexOf('@', StringComparison.Ordinal);
        if (at >= 0 && !Core.Units.Digest.TryParse(rest[(at + 1)..], out digest))
            return Fail(ReferenceRules.Malformed, span, text, "the digest behind '@' is not sha256: and 64 hex digits, or sha512: and 128, in lower case");
        var named = at >= 0 ? rest[..at] : rest;
        var colon = named.LastIndexOf(':');
        var tag = colon >= 0 ? named[(colon + 1)..] : digest is null ? "latest" : null;
        var repository = (colon >= 0 ? named[..colon] : named).ToLowerInvariant();
        if (!HostPattern().IsMatch(host) || !Uri.TryCreate($"https://{host}/", UriKind.Absolute, out _))
            return Fail(ReferenceRules.Malformed, span, text, $"'{host}' is not a host name");
        if (tag is not null && !TagPattern().IsMatch(tag))
            return Fail(ReferenceRules.Malformed, span, text, $"'{tag}' is not a tag (letters, digits, '_', '.', '-'; at most 128)");
        if (!RepositoryPattern().IsMatch(repository) || host.Length + repository.Length + 1 > MaxNameLength)
            return Fail(ReferenceRules.Malformed, span, text, $"'{repository}' is not a repository name (parts of letters and digits, joined by '.', '_', '__' or '-')");
        return Canonical(new ImageReference(host, repository, tag, digest));
    }

    private static ImageReference Canonical(ImageReference reference)
    {
        if (reference.Host is not (DockerHub or "index.docker.io" or "registry-1.docker.io" or "registry.hub.docker.com"))
            return reference;
        var repository = reference.Repository.Contains('/') ? reference.Repository : "library/" + reference.Repository;
        return reference with { Host = DockerHub, Repository = repository };
    }

    private static Result<ImageReference> Unqualified(string text, string rest, SourceSpan? span)
    {
        var hub = rest.Contains('/') ? $"{DockerHub}/{rest}" : $"{DockerHub}/library/{rest}";
        return ParseParts(text, DockerHub, hub[(DockerHub.Length + 1)..], span) is { IsOk: false } wrong
            ? wrong
            : Fail(ReferenceRules.Unqualified, span, text, hub);
    }

    private static bool LooksLikeHost(string first) =>
        first.Contains('.') || first.Contains(':') || first.Equals("localhost", StringComparison.OrdinalIgnoreCase);

    private static string Shorten(string text) => text.Length <= 80 ? text : text[..80] + "…";

    private static Result<ImageReference> Fail(Rule rule, SourceSpan? span, params ReadOnlySpan<object?> arguments) =>
        Result<ImageReference>.Failed(Diagnostic.Create(rule, span, arguments));

    /// <summary>An '@' before the first slash, or one that is followed by a host: never a digest.</summary>
    [GeneratedRegex(@"^(https?://)?[^/]*@(?!sha\d+:)")]
    private static partial Regex CredentialsPattern();

    [GeneratedRegex(@"^([a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*|\[[0-9a-f:.]+\])(:[0-9]{1,5})?$")]
    private static partial Regex HostPattern();

    [GeneratedRegex(@"^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*\z")]
    private static partial Regex RepositoryPattern();

    [GeneratedRegex(@"^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}\z")]
    private static partial Regex TagPattern();
}
