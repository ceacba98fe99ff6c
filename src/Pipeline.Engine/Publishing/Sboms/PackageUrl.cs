using System.Text;
using System.Text.RegularExpressions;
using Pipeline.Engine.Inventories;

namespace Pipeline.Engine.Publishing.Sboms;

/// <summary>Package URLs (purl): <c>pkg:TYPE/NAMESPACE/NAME@VERSION?QUALIFIERS</c>. shared/spec/releases.md §11.</summary>
internal static partial class PackageUrl
{
    /// <param name="system">Whose packages they are; without it the URL has no namespace.</param>
    public static string Of(Package package, SystemIdentity? system)
    {
        var isRpm = package.Manager == PackageManager.Rpm;
        var url = new StringBuilder("pkg:").Append(InventoryJson.Word(package.Manager)).Append('/');
        if (system is not null)
            url.Append(Encode(system.Id.ToLowerInvariant())).Append('/');
        // RPM's names keep their case, and its epoch is a qualifier.
        url.Append(Encode(isRpm ? package.Name : package.Name.ToLowerInvariant())).Append('@')
            .Append(Encode((isRpm ? package with { Epoch = 0 } : package).FullVersion));
        var qualifiers = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (package.Architecture.Length > 0)
            qualifiers["arch"] = package.Architecture;
        if (isRpm && package.Epoch > 0)
            qualifiers["epoch"] = $"{package.Epoch}";
        if (system is { VersionId.Length: > 0 })
            qualifiers["distro"] = $"{system.Id}-{system.VersionId}".ToLowerInvariant();
        return Append(url, qualifiers);
    }

    /// <summary>Null for what does not come from a registry.</summary>
    public static string? OfContainer(SourceInventory source)
    {
        var match = Reference().Match(source.Reference);
        if (!match.Success || !(match.Groups["host"].Value is var host && (host.Contains('.', StringComparison.Ordinal) || host.Contains(':', StringComparison.Ordinal) || host == "localhost")))
            return null;
        var repository = $"{host}/{match.Groups["path"].Value}";
        var qualifiers = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["arch"] = source.Platform.Split('/')[1],
            ["repository_url"] = repository,
        };
        if (match.Groups["tag"].Value is { Length: > 0 } tag)
            qualifiers["tag"] = tag;
        var url = new StringBuilder("pkg:oci/").Append(Encode(repository[(repository.LastIndexOf('/') + 1)..])).Append('@')
            .Append(source.Manifest.Text.Replace(":", "%3A", StringComparison.Ordinal));
        return Append(url, qualifiers);
    }

    private static string Append(StringBuilder url, SortedDictionary<string, string> qualifiers)
    {
        var sign = '?';
        foreach (var (name, value) in qualifiers)
        {
            url.Append(sign).Append(name).Append('=').Append(Encode(value));
            sign = '&';
        }
        return url.ToString();
    }

    /// <summary>Colons stay as they are, everything else that is not unreserved is encoded.</summary>
    private static string Encode(string text) => Uri.EscapeDataString(text).Replace("%3A", ":", StringComparison.Ordinal);

    [GeneratedRegex(@"^(?<host>[A-Za-z0-9.-]+(:\d+)?)/(?<path>[a-z0-9._/-]+)(:(?<tag>[A-Za-z0-9_][A-Za-z0-9._-]*))?(@[a-z0-9]+:[0-9a-f]+)?$", RegexOptions.ExplicitCapture)]
    private static partial Regex Reference();
}
