using System.Collections.Immutable;
using System.Globalization;
using Pipeline.Core.Hashing;
using Pipeline.Core.Units;
using Pipeline.Engine.Building;
using Pipeline.Engine.Inventories;
using Pipeline.Engine.Planning;
using Pipeline.Engine.Publishing.Packages;

namespace Pipeline.Engine.Publishing.Sboms;

/// <summary>What a bill of materials is made of: one platform of one release.</summary>
/// <param name="Files">All files of the targets that stand on the platform, in order of name.</param>
internal sealed record SbomInput(string Image, string Version, PlatformPackages Platform, ImmutableArray<ReleaseFile> Files)
{
    public const string Tool = "pipeline";

    public static string ToolVersion => EngineFormat.Version;

    /// <summary>Each once: a damaged database may name a package twice.</summary>
    public ImmutableArray<Package> Packages { get; } = [.. Platform.New.Packages.Packages.Distinct()];

    public SourceInventory Source => Platform.New;

    /// <summary>Not when it was written, but the clock of the outputs: the same release gives the same bytes.</summary>
    public string Created => Source.Clock.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>Follows from everything that is in the document.</summary>
    /// <param name="form">Documents of different forms are different documents.</param>
    public Guid Id(string form)
    {
        var text = $"{form}\n{Image}\n{Version}\n{Platform.File.Sha256}\n" + string.Concat(Files.Select(f => $"{f.Name} {f.Sha256}\n"));
        return DerivedGuid.Create(Convert.FromHexString(Digest.Sha256(System.Text.Encoding.UTF8.GetBytes(text)).Hex), "bill of materials");
    }

    /// <summary>Of a package: letters, digits, '.' and '-', unique in the document and the same in the next one.</summary>
    public static string Reference(Package package)
    {
        var word = string.Concat(package.Name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' ? c : '-'));
        var facts = string.Join('\n', package.Manager, package.Name, package.Architecture, package.FullVersion, package.Build, package.Source, package.License, package.Url, package.InstalledBytes);
        return $"{InventoryJson.Word(package.Manager)}-{word}-{Digest.Sha256(System.Text.Encoding.UTF8.GetBytes(facts)).Short}";
    }
}
