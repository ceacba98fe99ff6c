namespace Pipeline.Engine.Publishing.Directories;

/// <summary>
/// The names below <c>releases/IMAGE/</c>. A directory named by a version is a whole release: it came there by one
/// rename. Everything that begins with a dot is work in progress, which readers skip.
/// </summary>
internal sealed record ImageShelf(string Path)
{
    public const string StagingPrefix = ".staging-";
    public const string TrashPrefix = ".trash-";

    /// <summary>What people follow; a symbolic link to a version beside it.</summary>
    public string Latest => Child("latest");

    /// <summary>What <see cref="Latest"/> will be once the version that it names exists: the intention of a publisher under way.</summary>
    public string NextLatest => Child(".latest.next");

    public string LockFile => Child(".lock");

    public string Child(string name) => System.IO.Path.Combine(Path, name);

    public string Release(ReleaseVersion version) => Child(version.ToString());

    public string Staging(ReleaseVersion version) => Child(StagingPrefix + version);

    public string Trash(ReleaseVersion version) => Child(TrashPrefix + version);

    /// <summary>All whole releases, newest first.</summary>
    public List<ReleaseVersion> Versions()
    {
        var versions = new List<ReleaseVersion>();
        foreach (var path in Directory.Exists(Path) ? Directory.EnumerateDirectories(Path) : [])
        {
            if (ReleaseVersion.TryParse(System.IO.Path.GetFileName(path), out var version))
                versions.Add(version);
        }
        versions.Sort((a, b) => b.CompareTo(a));
        return versions;
    }

    /// <summary>What the pointer names; null without a pointer or where it names no version.</summary>
    public ReleaseVersion? PointedAt() =>
        new FileInfo(Latest).LinkTarget is { } target && ReleaseVersion.TryParse(System.IO.Path.GetFileName(target), out var version)
            ? version
            : null;

    public bool HasLeftovers() =>
        Directory.Exists(Path) && (new FileInfo(NextLatest).LinkTarget is not null || Leftovers().Any() || LacksPointer());

    /// <summary>There are releases, and <see cref="Latest"/> is gone or leads nowhere. A pointer that somebody set is theirs.</summary>
    public bool LacksPointer()
    {
        var isBroken = new FileInfo(Latest).LinkTarget is { } target ? !Directory.Exists(Child(target)) : !System.IO.Path.Exists(Latest);
        return isBroken && Versions().Count > 0;
    }

    /// <summary>Directories of unfinished and of half-deleted releases. Only the holder of the lock may touch them.</summary>
    public IEnumerable<string> Leftovers() =>
        Directory.EnumerateDirectories(Path, StagingPrefix + "*").Concat(Directory.EnumerateDirectories(Path, TrashPrefix + "*"));
}
