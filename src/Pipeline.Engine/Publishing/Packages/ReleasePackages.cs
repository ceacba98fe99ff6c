using System.Collections.Immutable;
using Pipeline.Core.Units;
using Pipeline.Engine.Building;
using Pipeline.Engine.Inventories;
using Pipeline.Engine.Planning;

namespace Pipeline.Engine.Publishing.Packages;

/// <summary>
/// The lists of packages of a release: those of what was built, and those of what is carried over, read back from the release
/// before. One for each platform, because boards of one platform stand on the same container.
/// </summary>
public sealed record ReleasePackages(ImmutableArray<PlatformPackages> Platforms, ImmutableArray<ReleaseDocument> Documents)
{
    public static async Task<ReleasePackages> GatherAsync(IReleaseDraft draft, ReleaseRequest request, CancellationToken ct)
    {
        var old = draft.Previous?.Record?.Targets ?? ImmutableSortedDictionary<string, PublishedTarget>.Empty;
        var past = await ReadPastAsync(draft, old.Values, ct);
        var lists = Carried(request, old, past).ToList();
        lists.AddRange(Built(request, lists));
        var platforms = from list in lists
                        group list by list.File.Name into same
                        let targets = same.Select(l => l.Target).Order(StringComparer.Ordinal).ToImmutableArray()
                        orderby same.First().Inventory.Platform, same.Key
                        let compared = Compare(targets, same.First(), old, past)
                        select compared.Past == Past.None && draft.Previous is { Record: null } ? compared with { Past = Past.Lost } : compared;
        var documents = lists.Where(l => l.Inventory.IsWorthKeeping).DistinctBy(l => l.File.Name, StringComparer.Ordinal).OrderBy(l => l.File.Name, StringComparer.Ordinal);
        return new([.. platforms], [.. documents.Select(l => new ReleaseDocument(l.File.Name, l.Json))]);
    }

    /// <summary>The record, with the list of each target: none where there is none any more.</summary>
    public ReleaseRecord AttachTo(ReleaseRecord record)
    {
        var files = Platforms.Where(p => p.IsReleased).SelectMany(p => p.Targets.Select(t => (t, p.File))).ToDictionary(p => p.t, p => p.File, StringComparer.Ordinal);
        return record with
        {
            Targets = record.Targets.SetItems(record.Targets.Select(t => KeyValuePair.Create(t.Key, t.Value with { Packages = files.GetValueOrDefault(t.Key) }))),
        };
    }

    /// <summary><c>kiosk-arm64.packages.json</c>, <c>kiosk-arm-v7.packages.json</c>.</summary>
    private static string NameOf(string image, string platform, string more = "")
    {
        var architecture = platform.StartsWith("linux/", StringComparison.Ordinal) ? platform["linux/".Length..] : platform;
        return $"{image}-{architecture.Replace('/', '-')}{more}{ReleaseDocuments.PackagesSuffix}";
    }

    private sealed record List(string Target, ReleaseFile File, byte[] Json, SourceInventory Inventory);

    /// <summary>Each file of the release before once; what is gone, or is no list, is not there.</summary>
    private static async Task<Dictionary<ReleaseFile, (byte[] Json, SourceInventory Inventory)>> ReadPastAsync(IReleaseDraft draft, IEnumerable<PublishedTarget> old, CancellationToken ct)
    {
        var past = new Dictionary<ReleaseFile, (byte[], SourceInventory)>();
        foreach (var file in old.Select(t => t.Packages).OfType<ReleaseFile>().Distinct())
        {
            if (await draft.ReadPreviousAsync(file, InventoryJson.LimitBytes, ct) is { } json && InventoryJson.TryRead(json, out var inventory, out _))
                past[file] = (json, inventory);
        }
        return past;
    }

    private static IEnumerable<List> Carried(
        ReleaseRequest request, ImmutableSortedDictionary<string, PublishedTarget> old, Dictionary<ReleaseFile, (byte[] Json, SourceInventory Inventory)> past) =>
        from target in old.Values
        where Target.IdsOf(request.Image).Contains(target.Id) && target.Lost.IsEmpty && !request.Built.Any(a => a.Target.Id == target.Id)
        where target.Packages is not null && past.ContainsKey(target.Packages)
        let found = past[target.Packages!]
        select new List(target.Id, target.Packages!, found.Json, found.Inventory);

    /// <summary>A platform's name is taken where boards that are carried over stand on an older container: then the digest is in the new one's.</summary>
    private static IEnumerable<List> Built(ReleaseRequest request, List<List> carried)
    {
        var taken = carried.Select(l => l.File).Distinct().ToDictionary(f => f.Name, f => f.Sha256, StringComparer.Ordinal);
        foreach (var artifact in request.Built.Where(a => a.Inventory is not null).OrderBy(a => a.Target.Id, StringComparer.Ordinal))
        {
            var inventory = artifact.Inventory!;
            var json = InventoryJson.Write(inventory);
            var sha256 = Digest.Sha256(json);
            var name = NameOf(request.Image.Name, inventory.Platform);
            if (taken.TryGetValue(name, out var other) && other != sha256)
                name = NameOf(request.Image.Name, inventory.Platform, "-" + sha256.Short);
            taken[name] = sha256;
            yield return new(artifact.Target.Id, new(name, new(json.Length), sha256), json, inventory);
        }
    }

    /// <summary>Compared with what the same boards stood on; a board that is new, with what another of its platform did.</summary>
    private static PlatformPackages Compare(
        ImmutableArray<string> targets, List list, ImmutableSortedDictionary<string, PublishedTarget> old, Dictionary<ReleaseFile, (byte[] Json, SourceInventory Inventory)> past)
    {
        var before = targets.Select(t => old.GetValueOrDefault(t)?.Packages).Concat(past.Where(p => p.Value.Inventory.Platform == list.Inventory.Platform).Select(p => p.Key).OrderBy(f => f.Name, StringComparer.Ordinal))
            .OfType<ReleaseFile>().FirstOrDefault(past.ContainsKey);
        var known = before is null ? null : past[before].Inventory;
        var state = known is not null ? Past.Known : targets.Any(old.ContainsKey) ? Past.Lost : Past.None;
        return new(targets, list.File, list.Inventory, known, state);
    }
}
