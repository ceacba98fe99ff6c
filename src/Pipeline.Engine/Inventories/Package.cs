namespace Pipeline.Engine.Inventories;

/// <summary>Whose database a package stands in. The words are those of the package URL (purl) types.</summary>
public enum PackageManager
{
    Rpm,
    Deb,
    Apk,
    Alpm,
}

/// <summary>One installed package, as its database names it.</summary>
/// <param name="Architecture">In the manager's own words (<c>x86_64</c>, <c>amd64</c>, <c>noarch</c>); empty where it says none.</param>
/// <param name="Epoch">0 where there is none: the managers compare both the same.</param>
/// <param name="Version">Upstream's version.</param>
/// <param name="Release">The packager's: rpm's release, Debian's revision, the number behind <c>-r</c> of apk, pacman's pkgrel; empty for none.</param>
public sealed record Package(PackageManager Manager, string Name, string Architecture, long Epoch, string Version, string Release)
{
    /// <summary>Name of what it was built from: several packages may share it. Empty where it is not known.</summary>
    public string Source { get; init; } = "";

    public long? InstalledBytes { get; init; }

    /// <summary>In the packager's words, which need not be an SPDX expression; empty where the database has none (Debian's never has).</summary>
    public string License { get; init; } = "";

    public string Url { get; init; } = "";

    /// <summary>Tells two builds of one version apart: a digest or a time; empty where the database has none.</summary>
    public string Build { get; init; } = "";

    /// <summary>As the manager writes it: <c>1:4.2-3.fc40</c>.</summary>
    public string FullVersion =>
        (Epoch > 0 ? $"{Epoch}:" : "") + Version + (Release.Length == 0 ? "" : (Manager == PackageManager.Apk ? "-r" : "-") + Release);
}
