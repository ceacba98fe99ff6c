using System.Collections.Concurrent;
using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Manifests.Yaml;

namespace Pipeline.Engine.Manifests;

/// <summary>The boards that come with the tool, so that a repository need not copy them and a build needs no repository.</summary>
public static class ShippedBoards
{
    private const string Prefix = "boards/";
    private const string Suffix = ".yaml";

    /// <summary>In byte order.</summary>
    public static ImmutableArray<string> Names { get; } =
    [
        .. typeof(ShippedBoards).Assembly.GetManifestResourceNames()
            .Where(n => n.StartsWith(Prefix, StringComparison.Ordinal) && n.EndsWith(Suffix, StringComparison.Ordinal))
            .Select(n => n[Prefix.Length..^Suffix.Length])
            .Order(StringComparer.Ordinal),
    ];

    private static readonly ConcurrentDictionary<string, BoardManifest> Known = new(StringComparer.Ordinal);

    /// <exception cref="ArgumentException">There is no such board; ask <see cref="Names"/> first.</exception>
    public static BoardManifest Read(string name) => Known.GetOrAdd(name, ReadResource);

    /// <summary>How places in a shipped board are named.</summary>
    internal static string FileOf(string name) => "(shipped)/boards/" + name + Suffix;

    private static BoardManifest ReadResource(string name)
    {
        using var stream = typeof(ShippedBoards).Assembly.GetManifestResourceStream(Prefix + name + Suffix)
            ?? throw new ArgumentException($"there is no shipped board '{name}'", nameof(name));
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        var bag = new DiagnosticBag();
        var node = YamlReader.Read(bytes, FileOf(name), bag);
        var board = node is null ? null : BoardFolder.ReadTree(node, FileOf(name), "/", bag);
        return board is null || bag.HasErrors
            ? throw new InvalidOperationException($"the shipped board '{name}' has mistakes: {string.Join("; ", bag.ToImmutable())}")
            : board with { IsShipped = true };
    }
}
