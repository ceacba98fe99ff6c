using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Pipeline.Core.Json;
using Pipeline.Core.Units;

namespace Pipeline.Engine.Inventories;

/// <summary>Reads and writes the file of a release that lists the packages of its source; its keys are in docs/release-notes.md.</summary>
public static class InventoryJson
{
    /// <summary>Raised when an old reader would misunderstand; additions do not raise it.</summary>
    public const int Format = 1;

    /// <summary>A full desktop has about one.</summary>
    public const int LimitBytes = 64 << 20;

    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    private static readonly InventoryContext Context = new(new JsonSerializerOptions(JsonForm.KeptDocument(maxDepth: 16))
    {
        WriteIndented = false,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    });

    public static byte[] Write(SourceInventory inventory)
    {
        var document = new InventoryDocument(
            Format, inventory.Reference, inventory.Manifest.Text, inventory.Platform,
            inventory.Clock.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture),
            new(inventory.Labels, StringComparer.Ordinal),
            [.. inventory.Kernels],
            [.. inventory.Layers.Select(l => new LayerDocument(l.Digest.Text, l.Size.Bytes))],
            [.. inventory.Packages.Databases],
            [.. inventory.Packages.Unreadable],
            [.. inventory.Packages.Packages.Select(ToDocument)])
        {
            System = inventory.System is { } system ? new(system.Id, system.VersionId, system.Name) : null,
            InheritedLabels = inventory.InheritedLabels.IsEmpty ? null : [.. inventory.InheritedLabels],
        };
        return [.. JsonSerializer.SerializeToUtf8Bytes(document, Context.InventoryDocument), (byte)'\n'];
    }

    /// <param name="problem">Why there is no list; readable.</param>
    public static bool TryRead(ReadOnlySpan<byte> json, [NotNullWhen(true)] out SourceInventory? inventory, [NotNullWhen(false)] out string? problem)
    {
        (inventory, problem) = (null, null);
        try
        {
            var document = JsonSerializer.Deserialize(json, Context.InventoryDocument);
            if (document is null || document.Format != Format)
                problem = $"format {document?.Format.ToString(CultureInfo.InvariantCulture) ?? "null"}, expected {Format}";
            else
                inventory = FromDocument(document);
        }
        catch (Exception e) when (e is JsonException or FormatException or NotSupportedException)
        {
            problem = e.Message.ReplaceLineEndings(" ");
        }
        return inventory is not null;
    }

    private static PackageDocument ToDocument(Package package) => new(
        Word(package.Manager), package.Name, package.Architecture, package.Version)
    {
        Epoch = package.Epoch == 0 ? null : package.Epoch,
        Release = NullIfEmpty(package.Release),
        Source = NullIfEmpty(package.Source),
        InstalledBytes = package.InstalledBytes,
        License = NullIfEmpty(package.License),
        Url = NullIfEmpty(package.Url),
        Build = NullIfEmpty(package.Build),
    };

    private static SourceInventory FromDocument(InventoryDocument document) => new(document.Reference, Digest.Parse(document.Manifest), document.Platform)
    {
        Clock = DateTimeOffset.ParseExact(document.Clock, TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal),
        System = document.System is { } system ? new(system.Id, system.VersionId, system.Name) : null,
        Labels = document.Labels.ToImmutableSortedDictionary(l => l.Key, l => NotNull(l.Value), StringComparer.Ordinal),
        InheritedLabels = [.. (document.InheritedLabels ?? []).Select(NotNull)],
        Kernels = [.. document.Kernels.Select(NotNull)],
        Layers = [.. document.Layers.Select(NotNull).Select(l => new SourceLayer(Digest.Parse(l.Digest), new(l.SizeBytes >= 0 ? l.SizeBytes : throw new FormatException("a layer has a negative size"))))],
        Packages = PackageInventory.Of(document.Packages.Select(NotNull).Select(FromDocument), document.Databases.Select(NotNull)) with { Unreadable = [.. document.Unreadable.Select(NotNull)] },
    };

    private static Package FromDocument(PackageDocument package) => new(
        Manager(package.Manager), package.Name, package.Architecture, package.Epoch ?? 0, package.Version, package.Release ?? "")
    {
        Source = package.Source ?? "",
        InstalledBytes = package.InstalledBytes,
        License = package.License ?? "",
        Url = package.Url ?? "",
        Build = package.Build ?? "",
    };

    /// <summary>As in package URLs.</summary>
    public static string Word(PackageManager manager) => manager.ToString().ToLowerInvariant();

    private static PackageManager Manager(string word) =>
        Enum.GetValues<PackageManager>().Cast<PackageManager?>().FirstOrDefault(m => Word(m!.Value) == word) ?? throw new FormatException($"'{word}' is no package manager");

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;

    private static T NotNull<T>(T? value) where T : class => value ?? throw new FormatException("an element is null");
}

internal sealed record InventoryDocument(
    int Format, string Reference, string Manifest, string Platform, string Clock, SortedDictionary<string, string> Labels,
    string[] Kernels, LayerDocument[] Layers, string[] Databases, string[] Unreadable, PackageDocument[] Packages)
{
    public SystemDocument? System { get; init; }

    public string[]? InheritedLabels { get; init; }
}

internal sealed record SystemDocument(string Id, string VersionId, string Name);

internal sealed record LayerDocument(string Digest, long SizeBytes);

internal sealed record PackageDocument(string Manager, string Name, string Architecture, string Version)
{
    public long? Epoch { get; init; }

    public string? Release { get; init; }

    public string? Source { get; init; }

    public long? InstalledBytes { get; init; }

    public string? License { get; init; }

    public string? Url { get; init; }

    public string? Build { get; init; }
}

[JsonSerializable(typeof(InventoryDocument))]
internal sealed partial class InventoryContext : JsonSerializerContext;
