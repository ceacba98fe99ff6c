using System.Collections.Immutable;
using System.Text.Json;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Json;
using Pipeline.Engine.Manifests.Models;

namespace Pipeline.Engine.Listing;

/// <summary>
/// The lists of Raspberry Pi Imager: <c>os_list.json</c> is a whole one (<c>rpi-imager --repo</c>), <c>os_sublist.json</c> the same
/// without devices, for those who name it as a part of theirs (<c>subitems_url</c>). Only boards that say how Imager knows them are there.
/// </summary>
/// <param name="Devices">Of boards that have an entry; in order of name.</param>
/// <param name="Diagnostics">What is missing, and why.</param>
public sealed record ImagerList(ImmutableArray<ImagerDevice> Devices, ImmutableArray<ImagerEntry> Entries, ImmutableArray<Diagnostic> Diagnostics)
{
    public const string FileName = "os_list.json";
    public const string PartFileName = "os_sublist.json";

    /// <summary>Imager offers no settings for the first start: what of them an image would heed, only its maker knows.</summary>
    private const string NoSettings = "none";

    /// <param name="boards">By name, as they are now.</param>
    public static ImagerList Of(Catalogue catalogue, IReadOnlyDictionary<string, BoardManifest> boards)
    {
        var bag = new DiagnosticBag();
        var entries = ImmutableArray.CreateBuilder<ImagerEntry>();
        foreach (var release in catalogue.Releases)
        {
            foreach (var target in release.Targets.Where(t => t.IsMedium && !t.Files.IsEmpty))
            {
                if (boards.GetValueOrDefault(target.Board)?.Imager is { } device && Check(release, target.Files[0], bag))
                    entries.Add(new(release, target, device));
            }
        }
        return new([.. entries.Select(e => e.Device).DistinctBy(d => d.Name, StringComparer.Ordinal).OrderBy(d => d.Name, StringComparer.Ordinal)], entries.ToImmutable(), bag.ToImmutable());
    }

    /// <param name="isWhole">With the devices.</param>
    public byte[] Write(bool isWhole) => JsonForm.Document(json =>
    {
        if (isWhole)
        {
            json.WriteStartObject("imager");
            json.WriteObjects("devices", Devices, d => WriteDevice(json, d));
            json.WriteEndObject();
        }
        json.WriteObjects("os_list", Entries, e => WriteEntry(json, e));
    });

    private static bool Check(OfferedRelease release, OfferedFile image, DiagnosticBag bag)
    {
        var before = bag.Count;
        if (!image.Forms.IsEmpty)
            bag.Add(ListingRules.InPieces, null, image.File.Name, release.Image, string.Join(", ", image.Forms.Select(f => f.Name)));
        else if (image.Address is null)
            bag.Add(ListingRules.NoAddress, null, image.File.Name, release.Image);
        if (image.Unpacked is null)
            bag.Add(ListingRules.NoUnpackedSize, null, image.File.Name, release.Image);
        return bag.Count == before;
    }

    private static void WriteDevice(Utf8JsonWriter json, ImagerDevice device)
    {
        json.WriteString("name", device.Name);
        json.WriteString("description", "");
        json.WriteTexts("tags", device.Tags);
        if (device.Icon is { } icon)
            json.WriteString("icon", icon);
        json.WriteString("matching_type", "exclusive");
        if (device.Architecture is { } architecture)
            json.WriteString("architecture", architecture);
    }

    private void WriteEntry(Utf8JsonWriter json, ImagerEntry entry)
    {
        var (file, unpacked) = (entry.Image.File, entry.Image.Unpacked!);
        json.WriteString("name", NameOf(entry));
        json.WriteString("description", $"{entry.Release.Description} ({entry.Release.Version})".TrimStart());
        json.WriteString("icon", entry.Device.Icon ?? "");
        json.WriteString("url", entry.Image.Address!.AbsoluteUri);
        json.WriteNumber("extract_size", unpacked.Size.Bytes);
        json.WriteString("extract_sha256", unpacked.Sha256.Hex);
        json.WriteNumber("image_download_size", file.Size.Bytes);
        json.WriteString("image_download_sha256", file.Sha256.Hex);
        json.WriteString("release_date", ImagesJson.DateOf(entry.Release));
        json.WriteString("init_format", NoSettings);
        json.WriteTexts("devices", entry.Device.Tags);
        if (entry.Device.Architecture is { } architecture)
            json.WriteString("architecture", architecture);
        if (entry.Target.Files.FirstOrDefault(f => f.File.Name.EndsWith(".bmap", StringComparison.Ordinal))?.Address is { } map)
            json.WriteString("bmap_url", map.AbsoluteUri);
        if (entry.Release.Page is { } page)
            json.WriteString("website", page.AbsoluteUri);
    }

    /// <summary>Differs from that of every other entry.</summary>
    private string NameOf(ImagerEntry entry) =>
        Entries.Count(e => e.Release == entry.Release && e.Device.Name == entry.Device.Name) > 1 ? $"{entry.Release.Image} for {entry.Target.Board}, {entry.Target.Output}"
        : Entries.Count(e => e.Release == entry.Release) > 1 ? $"{entry.Release.Image} for {entry.Device.Name}"
        : entry.Release.Image;
}

/// <summary>A disk that Imager offers.</summary>
public sealed record ImagerEntry(OfferedRelease Release, OfferedTarget Target, ImagerDevice Device)
{
    public OfferedFile Image => Target.Files[0];
}
