namespace Pipeline.Engine.Inventories.Versions;

/// <summary>Which of two packages is newer, by the rules of their manager.</summary>
public static class VersionOrder
{
    /// <returns>-1, 0 or 1; null where the manager itself could not tell.</returns>
    /// <exception cref="ArgumentException">They are not of one manager.</exception>
    public static int? Compare(Package left, Package right)
    {
        if (left.Manager != right.Manager)
            throw new ArgumentException($"a package of {left.Manager} has no order with one of {right.Manager}");
        if (left.Manager == PackageManager.Apk)
            return ApkVersion.Compare(left.FullVersion, right.FullVersion);
        if (left.Epoch != right.Epoch)
            return left.Epoch < right.Epoch ? -1 : 1;
        return left.Manager switch
        {
            PackageManager.Rpm => Then(RpmVersion.Compare(left.Version, right.Version), left, right, RpmVersion.Compare),
            PackageManager.Deb => Then(DpkgVersion.Compare(left.Version, right.Version), left, right, DpkgVersion.Compare),
            _ => left.Release.Length > 0 && right.Release.Length > 0
                ? Then(PacmanVersion.Compare(left.Version, right.Version), left, right, PacmanVersion.Compare)
                : PacmanVersion.Compare(left.Version, right.Version),
        };
    }

    private delegate int Order(ReadOnlySpan<char> left, ReadOnlySpan<char> right);

    private static int Then(int order, Package left, Package right, Order releases) =>
        order != 0 ? order : releases(left.Release, right.Release);
}
