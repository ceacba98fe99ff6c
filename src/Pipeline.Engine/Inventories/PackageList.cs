using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;

namespace Pipeline.Engine.Inventories;

/// <summary>
/// Collects the packages of one database and keeps what is unreasonable out: names and versions go into tables, URLs and
/// files that other tools read.
/// </summary>
internal sealed class PackageList(string database)
{
    /// <summary>The largest distributions have 70 000 packages in all.</summary>
    public const int LimitPackages = 200_000;

    private const int LimitNameCharacters = 256;
    private const int LimitTextCharacters = 1024;

    private readonly List<Package> _packages = [];
    private int _skipped;
    private string? _firstSkipped;

    public string Database => database;

    public ImmutableArray<Package> Packages => [.. _packages];

    /// <exception cref="InvalidDataException">There are too many.</exception>
    public void Add(Package package)
    {
        if (!IsWord(package.Name) || !IsWord(package.Version) || package.Architecture.Length > 0 && !IsWord(package.Architecture) || package.Release.Length > 0 && !IsWord(package.Release))
        {
            Skip(package.Name);
            return;
        }
        if (_packages.Count == LimitPackages)
            throw new InvalidDataException($"more than {LimitPackages} packages");
        _packages.Add(package with
        {
            Source = IsWord(package.Source) ? package.Source : "",
            License = OneLine(package.License),
            Url = OneLine(package.Url),
            Build = OneLine(package.Build),
            InstalledBytes = package.InstalledBytes is >= 0 ? package.InstalledBytes : null,
        });
    }

    public void Skip(string what)
    {
        _skipped++;
        _firstSkipped ??= what.Length == 0 ? "one without a name" : $"'{OneLine(what)}'";
    }

    public void Report(DiagnosticBag bag)
    {
        if (_skipped > 0)
            bag.Add(InventoryRules.EntriesSkipped, null, database, _skipped, _firstSkipped);
    }

    private static bool IsWord(string text) =>
        text.Length is > 0 and <= LimitNameCharacters && !text.Any(c => char.IsControl(c) || char.IsWhiteSpace(c) || char.IsSurrogate(c) || c == '\ufffd');

    private static string OneLine(string text)
    {
        var line = string.Concat(text.Take(LimitTextCharacters).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? ' ' : c));
        return line.Trim();
    }
}
