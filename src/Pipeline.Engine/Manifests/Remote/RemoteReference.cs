using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Reading;

namespace Pipeline.Engine.Manifests.Remote;

public enum RemoteTransport
{
    Https,
    Ssh,

    /// <summary>Without TLS; loopback only.</summary>
    Http,

    /// <summary>A repository on this machine.</summary>
    File,

    /// <summary>An artifact in a registry.</summary>
    Oci,
}

/// <summary>A manifest in another repository: <c>git+https://HOST/OWNER/REPO//images/x?ref=main</c>, <c>oci://HOST/NAME:TAG//images/x</c>.</summary>
/// <param name="Name">Of the tree, without the file in it: what <c>pipeline.lock</c> pins and messages show.</param>
/// <param name="Address">What is fetched: an URL for git, a reference for a registry.</param>
/// <param name="Ref">A branch or tag of git; null is the default branch, and always for a registry.</param>
/// <param name="File">The manifest in the tree.</param>
public sealed partial record RemoteReference(RemoteTransport Transport, string Name, string Address, string? Ref, string File)
{
    private const int LimitCharacters = 500;
    private const string Query = "?ref=";

    private static readonly (string Scheme, RemoteTransport Transport)[] Schemes =
    [
        ("git+https://", RemoteTransport.Https), ("git+ssh://", RemoteTransport.Ssh), ("git+http://", RemoteTransport.Http),
        ("git+file://", RemoteTransport.File), ("oci://", RemoteTransport.Oci),
    ];

    /// <summary>Whether a text is meant as one, right or wrong.</summary>
    public static bool IsRemote(string text) => text.Contains("://", StringComparison.Ordinal);

    /// <param name="problem">What is wrong, as a part of a sentence.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out RemoteReference? reference, out string problem)
    {
        reference = null;
        problem = "its scheme is unknown";
        if (text.Length > LimitCharacters || text.Any(c => char.IsControl(c) || char.IsWhiteSpace(c) || c > '~'))
        {
            problem = "it is too long or has characters that addresses do not have";
            return false;
        }
        foreach (var (scheme, transport) in Schemes)
        {
            if (text.StartsWith(scheme, StringComparison.Ordinal))
                return TryParse(new Parts(scheme, text[scheme.Length..], transport), out reference, out problem);
        }
        return false;
    }

    /// <summary>Whether a manifest that came one way may send us another.</summary>
    public static bool MayLead(SourceTree from, RemoteReference to) =>
        to.Transport is RemoteTransport.Https or RemoteTransport.Ssh or RemoteTransport.Oci || !Trusted(from.Label);

    private static bool Trusted(string label) => !label.StartsWith("git+file://", StringComparison.Ordinal) && !label.StartsWith("git+http://", StringComparison.Ordinal);

    private sealed record Parts(string Scheme, string Rest, RemoteTransport Transport);

    private static bool TryParse(Parts parts, [NotNullWhen(true)] out RemoteReference? reference, out string problem)
    {
        reference = null;
        var query = parts.Rest.IndexOf('?', StringComparison.Ordinal);
        var (place, tail) = query < 0 ? (parts.Rest, "") : (parts.Rest[..query], parts.Rest[query..]);
        var split = place.Length == 0 ? -1 : place.IndexOf("//", 1, StringComparison.Ordinal);
        problem = split < 0 ? "it has no '//' before the manifest's folder" : FileProblem(place[(split + 2)..]) ?? "";
        if (problem.Length > 0)
            return false;
        var (tree, folder) = (place[..split], place[(split + 2)..].TrimEnd('/'));
        var name = tail.StartsWith(Query, StringComparison.Ordinal) ? tail[Query.Length..] : null;
        problem = (tail.Length > 0 && name is null ? "behind the path only '?ref=' may stand" : null)
            ?? (parts.Transport == RemoteTransport.Oci ? OciProblem(tree, name) : GitProblem(parts.Transport, tree, name)) ?? "";
        if (problem.Length > 0)
            return false;
        var file = folder.EndsWith(".yaml", StringComparison.Ordinal) ? folder : folder + "/image.yaml";
        var address = parts.Transport == RemoteTransport.Oci ? tree : parts.Scheme["git+".Length..] + tree;
        reference = new(parts.Transport, parts.Scheme + tree + (name is null ? "" : Query + name), address, name, file);
        return true;
    }

    private static string? FileProblem(string folder) =>
        folder.TrimEnd('/').Length == 0 || folder.TrimEnd('/').Split('/').Any(p => p is "" or "." or ".." || p[0] == '-') ? "behind '//' there is no folder of a manifest" : null;

    private static string? OciProblem(string tree, string? name) =>
        name is not null ? "a registry has tags, not '?ref='" : SourceText.Problem(tree);

    private static string? GitProblem(RemoteTransport transport, string tree, string? name)
    {
        if (name is not null && (!RefName().IsMatch(name) || name.Contains("..", StringComparison.Ordinal) || name.EndsWith(".lock", StringComparison.Ordinal)))
            return $"'{name}' is not a branch, a tag or a commit";
        var slash = tree.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0 || tree[slash..].Split('/').Skip(1).Any(p => !PathPart().IsMatch(p) || p is "." or ".."))
            return "it has no path of a repository";
        var authority = tree[..slash];
        if (transport == RemoteTransport.File)
            return authority.Length == 0 ? null : "git+file:// takes an absolute path: three slashes";
        var at = authority.IndexOf('@', StringComparison.Ordinal);
        if (at >= 0 && (transport != RemoteTransport.Ssh || !User().IsMatch(authority[..at])))
            return "no user and no password belong into a manifest; git's credential helpers know them";
        var host = authority[(at + 1)..];
        if (!Host().IsMatch(host))
            return $"'{host}' is not a host";
        return transport == RemoteTransport.Http && !Loopback().IsMatch(host) ? "git+http:// is for this machine only; use git+https://" : null;
    }

    [GeneratedRegex(@"\A[A-Za-z0-9_][A-Za-z0-9._/+-]{0,200}\z", RegexOptions.CultureInvariant)]
    private static partial Regex RefName();

    [GeneratedRegex(@"\A[A-Za-z0-9._~+][A-Za-z0-9._~+-]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex PathPart();

    [GeneratedRegex(@"\A[A-Za-z0-9_][A-Za-z0-9._-]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex User();

    [GeneratedRegex(@"\A(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?|\[[0-9a-fA-F:]{2,39}\])(?::[0-9]{1,5})?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Host();

    [GeneratedRegex(@"\A(?:localhost|127\.[0-9.]+|\[::1\])(?::[0-9]{1,5})?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Loopback();
}
