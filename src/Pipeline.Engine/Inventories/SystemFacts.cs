using System.Collections.Immutable;
using Pipeline.Core.Files;

namespace Pipeline.Engine.Inventories;

/// <summary>What a system says of itself outside of its packages.</summary>
public static class SystemFacts
{
    private static readonly string[] ReleasePlaces = ["/etc/os-release", "/usr/lib/os-release"];
    private static readonly string[] ModulePlaces = ["/usr/lib/modules", "/lib/modules"];

    private const int LimitReleaseBytes = 64 << 10;
    private const int LimitValueCharacters = 256;
    private const int LimitKernels = 100;

    /// <summary>Prefixes of labels that tell of origin and version; the second is what came before OCI's.</summary>
    private static readonly string[] LabelPrefixes = ["org.opencontainers.image.", "org.label-schema.", "ostree.linux", "containers.bootc"];

    private const int LimitLabels = 60;

    /// <summary>Null where there is no os-release, or one without an ID.</summary>
    public static SystemIdentity? Identity(FileTree tree)
    {
        var file = ReleasePlaces.Select(p => DatabaseFile.Find(tree, p)).FirstOrDefault(f => f is { Content.LengthBytes: > 0 and <= LimitReleaseBytes });
        if (file is null)
            return null;
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in DatabaseFile.Lines(DatabaseFile.ReadText(file, LimitReleaseBytes)))
        {
            var equals = line.Span.IndexOf('=');
            if (equals > 0)
                values[line.Span[..equals].Trim().ToString()] = Unquote(line.Span[(equals + 1)..].Trim());
        }
        var id = values.GetValueOrDefault("ID", "");
        return id.Length == 0 ? null : new(id, values.GetValueOrDefault("VERSION_ID", ""), values.GetValueOrDefault("PRETTY_NAME", id));
    }

    public static ImmutableArray<string> Kernels(FileTree tree)
    {
        var modules = ModulePlaces.Select(p => tree.Find(p)).OfType<DirectoryNode>().FirstOrDefault();
        return [.. (modules?.Children ?? []).Where(c => c.Value is DirectoryNode).Select(c => Shorten(c.Key.ToString())).Take(LimitKernels)];
    }

    public static ImmutableSortedDictionary<string, string> Labels(IEnumerable<KeyValuePair<string, string>> labels) =>
        labels.Where(l => l.Key.Length <= LimitValueCharacters && LabelPrefixes.Any(p => l.Key.StartsWith(p, StringComparison.Ordinal)))
            .OrderBy(l => l.Key, StringComparer.Ordinal).Take(LimitLabels)
            .ToImmutableSortedDictionary(l => l.Key, l => Shorten(l.Value), StringComparer.Ordinal);

    /// <summary>As a shell would, for what distributions write: quotes around the whole, backslashes in front of signs.</summary>
    private static string Unquote(ReadOnlySpan<char> text)
    {
        if (text.Length >= 2 && text[0] is '"' or '\'' && text[^1] == text[0])
            text = text[1..^1];
        return Shorten(text.ToString().Replace("\\", "", StringComparison.Ordinal));
    }

    private static string Shorten(string text) =>
        string.Concat(text.Take(LimitValueCharacters).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? ' ' : c)).Trim();
}
