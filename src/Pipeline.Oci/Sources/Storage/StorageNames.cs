using Pipeline.Core.Units;

namespace Pipeline.Oci.Sources.Storage;

/// <summary>Which image of a store a name means, in the order in which podman tries: as written, local, Docker Hub, then whatever ends so.</summary>
internal static class StorageNames
{
    /// <returns>One image where the name is clear, none where there is none, several where it may be any of them.</returns>
    public static IReadOnlyList<StoredImage> Find(IReadOnlyList<StoredImage> images, StorageReference wanted)
    {
        if (wanted.Name is null)
            return ById(images, wanted.Id!);
        if (wanted.Digest is { } digest)
            return ByDigest(images, wanted.Repository!, digest);
        foreach (var name in Spellings(wanted.Name))
        {
            var exact = images.Where(i => i.Names.Contains(name, StringComparer.Ordinal)).ToList();
            if (exact.Count > 0)
                return exact;
        }
        var ending = images.Where(i => i.Names.Any(n => n.EndsWith("/" + wanted.Name, StringComparison.Ordinal))).ToList();
        return ending.Count > 0 || wanted.Id is null ? ending : ById(images, wanted.Id);
    }

    private static List<StoredImage> ById(IReadOnlyList<StoredImage> images, string id) =>
        [.. images.Where(i => i.Id.StartsWith(id, StringComparison.Ordinal))];

    /// <summary>The digest says it all; the name must not say otherwise.</summary>
    private static List<StoredImage> ByDigest(IReadOnlyList<StoredImage> images, string repository, Digest digest)
    {
        var named = Spellings(repository).ToList();
        bool Fits(StoredImage image) => image.Names.IsEmpty
            || image.Names.Select(StorageReference.WithoutTag).Any(n => named.Contains(n, StringComparer.Ordinal) || n.EndsWith("/" + repository, StringComparison.Ordinal));
        return [.. images.Where(i => i.Digests.Contains(digest) && Fits(i)).Take(1)];
    }

    private static IEnumerable<string> Spellings(string name)
    {
        yield return name;
        var slash = name.IndexOf('/', StringComparison.Ordinal);
        if (slash >= 0 && (name[..slash] is "localhost" || name[..slash].Contains('.') || name[..slash].Contains(':')))
            yield break;
        yield return "localhost/" + name;
        yield return slash < 0 ? "docker.io/library/" + name : "docker.io/" + name;
    }
}
