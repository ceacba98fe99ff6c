using System.Collections.Immutable;
using System.Net;
using Pipeline.Oci.References;

namespace Pipeline.Oci.Registry;

/// <summary>A place that serves one repository: the registry itself, or a mirror of it.</summary>
/// <param name="Host">As users and auth files name it; <c>docker.io</c>'s API lives elsewhere.</param>
/// <param name="Root">Where <c>/v2/</c> is found; scheme and authority only.</param>
internal sealed record RegistryEndpoint(string Host, string Repository, Uri Root)
{
    private const string DockerHubApi = "registry-1.docker.io";

    public bool IsPlainHttp => Root.Scheme == Uri.UriSchemeHttp;

    /// <summary>On this machine, in this network, or reached without TLS by the user's own wish: it may point to the like.</summary>
    public bool IsLocal => IsPlainHttp || RedirectGuard.IsPrivate(Root.Host);

    /// <summary>What an auth file may hold a key for, the most particular first.</summary>
    public string Name => $"{Host}/{Repository}";

    public static RegistryEndpoint Create(string host, string repository, RegistryAccess? access)
    {
        var api = host == ImageReference.DockerHub ? DockerHubApi : host;
        var plain = access?.PlainHttp ?? (access?.CaFile is null && IsLoopback(api));
        return new(host, repository, new Uri($"{(plain ? "http" : "https")}://{api}/"));
    }

    public Uri Manifest(string selector) => new(Root, $"v2/{Repository}/manifests/{selector}");

    public Uri Blob(string digest) => new(Root, $"v2/{Repository}/blobs/{digest}");

    /// <summary>Where an upload begins: distribution-spec, "Pushing blobs".</summary>
    public Uri Uploads => new(Root, $"v2/{Repository}/blobs/uploads/");

    /// <summary>distribution-spec, "Listing Referrers".</summary>
    public Uri Referrers(string digest) => new(Root, $"v2/{Repository}/referrers/{digest}");

    public Uri Tags(int count) => new(Root, $"v2/{Repository}/tags/list?n={count}");

    public static bool IsLoopback(string authority)
    {
        var host = new Uri("http://" + authority).IdnHost.Trim('[', ']');
        return host == "localhost" || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
    }
}

/// <summary>The user's wishes for registries, by <c>host[:port][/path]</c>; the longest key that fits wins.</summary>
internal sealed class RegistryTable(IReadOnlyDictionary<string, RegistryAccess> registries)
{
    public RegistryEndpoint Primary(ImageReference reference) =>
        RegistryEndpoint.Create(reference.Host, reference.Repository, Find($"{reference.Host}/{reference.Repository}")?.Access);

    /// <summary>The mirrors of a repository; the part of its name that the key holds is replaced by the mirror's.</summary>
    public ImmutableArray<RegistryEndpoint> Mirrors(ImageReference reference)
    {
        var name = $"{reference.Host}/{reference.Repository}";
        return Find(name) is { } found
            ? [.. found.Access.Mirrors.Select(mirror => Mirror(mirror.TrimEnd('/'), name[found.Key.Length..].Trim('/')))]
            : [];
    }

    /// <summary>What was configured for whoever answers at this address.</summary>
    public RegistryAccess? OfAuthority(string authority) =>
        registries.FirstOrDefault(r => Api(r.Key.Split('/')[0]) == authority && r.Value.CaFile is not null).Value;

    private RegistryEndpoint Mirror(string location, string rest)
    {
        var name = rest.Length > 0 ? $"{location}/{rest}" : location;
        var slash = name.IndexOf('/', StringComparison.Ordinal);
        var (host, repository) = slash < 0 ? (name, "") : (name[..slash], name[(slash + 1)..]);
        return RegistryEndpoint.Create(host, repository, Find(name)?.Access);
    }

    private (string Key, RegistryAccess Access)? Find(string name)
    {
        for (var key = name; key.Length > 0; key = key[..Math.Max(0, key.LastIndexOf('/'))])
        {
            if (registries.TryGetValue(key, out var access))
                return (key, access);
        }
        return null;
    }

    private static string Api(string host) => RegistryEndpoint.Create(host, "x", null).Root.Authority;
}
