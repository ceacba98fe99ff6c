using System.Text.RegularExpressions;

namespace Pipeline.Engine.Manifests.Reading;

/// <summary>
/// The form of a source: a registry reference, or a scheme and a path. Only the form; whether anything is there is found
/// out when it is looked at. Names and tags as in the OCI distribution specification.
/// </summary>
internal static partial class SourceText
{
    public const string Command = "command:";
    private const string Storage = "containers-storage:";
    private const string LinuxKit = "linuxkit:";
    private const int MaxNameLength = 255;
    private static readonly string[] Schemes = ["oci:", "oci-archive:", "docker-archive:", Storage, "tar:", LinuxKit, Command];

    /// <summary>Null when it is a source; else what is wrong and what to write.</summary>
    public static string? Problem(string text)
    {
        if (text.Any(c => char.IsControl(c) || char.IsWhiteSpace(c)))
            return "it has a space or a control character; remove it";
        if (Array.Find(Schemes, s => text.StartsWith(s, StringComparison.Ordinal)) is { } scheme)
            return text.Length == scheme.Length ? $"there is nothing behind '{scheme}'; name {(scheme == "oci:" ? "a directory" : scheme == Storage ? "an image" : "a file")}" : TagProblem(scheme, text[scheme.Length..]);
        if (Credentials().IsMatch(text))
            return "it holds a user name or a password; take them out and put them into an auth file (REGISTRY_AUTH_FILE)";
        if (text.Contains("://", StringComparison.Ordinal))
            return $"'{text[..text.IndexOf("://", StringComparison.Ordinal)]}://' is not used here; write HOST/NAME:TAG or oci:DIR";
        return ReferenceProblem(text);
    }

    private static string? TagProblem(string scheme, string rest)
    {
        var colon = rest.IndexOf(':', StringComparison.Ordinal);
        // A storage's own names are judged where they are looked up.
        if (scheme is "tar:" or LinuxKit or Command or Storage || colon < 0)
            return null;
        var tag = rest[(colon + 1)..];
        if (colon == 0)
            return $"there is no path between '{scheme}' and ':{Message.Quote(tag)}'; write {scheme}PATH:TAG";
        var fits = scheme == "docker-archive:" ? DockerName().IsMatch(tag) : OciReferenceName().IsMatch(tag);
        return fits ? null : $"'{Message.Quote(tag)}' is not {(scheme == "docker-archive:" ? "NAME:TAG" : "a tag")}; write {scheme}PATH{(scheme == "docker-archive:" ? ":NAME:TAG" : ":TAG")}";
    }

    private static string? ReferenceProblem(string text)
    {
        var at = text.IndexOf('@', StringComparison.Ordinal);
        if (at >= 0 && !Core.Units.Digest.TryParse(text[(at + 1)..], out _))
            return "the digest must be sha256: and 64 hex digits in lower case (or sha512: and 128); mend it or remove it";
        var name = at >= 0 ? text[..at] : text;
        var slash = name.IndexOf('/', StringComparison.Ordinal);
        if (slash > 0 && Host().IsMatch(name[..slash]) && !IsAddress(name[..slash]))
            return $"'{Message.Quote(name[..slash])}' is no registry: ports go up to 65535, and addresses in brackets are IPv6; mend it";
        if (slash < 0 || !IsHost(name[..slash]))
            return $"it does not name its registry; write the whole name, such as 'docker.io/{(slash < 0 ? "library/" : "")}{Message.Quote(name)}'";
        var colon = name.IndexOf(':', slash);
        if (colon >= 0 && !Tag().IsMatch(name[(colon + 1)..]))
            return $"'{Message.Quote(name[(colon + 1)..])}' is not a tag; use letters, digits, '_', '.' and '-', at most 128";
        var repository = name[(slash + 1)..(colon < 0 ? name.Length : colon)];
        if (repository.Any(char.IsAsciiLetterUpper))
            return $"names in a registry have no capitals; write '{Message.Quote(repository.ToLowerInvariant())}'";
        return repository.Length <= MaxNameLength && Repository().IsMatch(repository)
            ? null
            : $"'{Message.Quote(repository)}' is not a name in a registry; use lower-case letters and digits, joined by '.', '_', '-' or '/'";
    }

    /// <summary>HOST[:PORT]: with a dot, a port, or <c>localhost</c>; otherwise it would be the first part of a name.</summary>
    public static bool IsHost(string text) => Host().IsMatch(text) && (text.Contains('.') || text.Contains(':') || text == "localhost") && IsAddress(text);

    /// <summary>The text in a line of a message, with <c>***</c> in place of a password.</summary>
    public static string Quote(string text) => Message.Quote(Credentials().Replace(text, "$1***@"));

    private static bool IsAddress(string host) => Uri.TryCreate($"https://{host}/", UriKind.Absolute, out _);

    /// <summary>An '@' before the first slash: that of a digest comes behind all of them.</summary>
    [GeneratedRegex(@"\A([a-z]+://)?[^/@]*@(?=[^/]*/)", RegexOptions.CultureInvariant)]
    private static partial Regex Credentials();

    [GeneratedRegex(@"\A(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?){0,20}|\[[0-9a-fA-F:]{2,39}\])(?::[0-9]{1,5})?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Host();

    [GeneratedRegex(@"\A[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Repository();

    [GeneratedRegex(@"\A[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Tag();

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._:@/+-]{0,254}\z", RegexOptions.CultureInvariant)]
    private static partial Regex OciReferenceName();

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._:/-]{0,254}:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}\z", RegexOptions.CultureInvariant)]
    private static partial Regex DockerName();
}
