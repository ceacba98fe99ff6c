namespace Pipeline.Engine.Inventories.Rpm;

/// <summary>A package from its header. The numbers are RPM's tags.</summary>
internal static class RpmPackage
{
    private const int TagSha1Header = 269;
    private const int TagSha256Header = 273;
    private const int TagName = 1000;
    private const int TagVersion = 1001;
    private const int TagRelease = 1002;
    private const int TagEpoch = 1003;
    private const int TagSize = 1009;
    private const int TagLicense = 1014;
    private const int TagUrl = 1020;
    private const int TagArchitecture = 1022;
    private const int TagSourceRpm = 1044;
    private const int TagLongSize = 5009;

    /// <summary>The name of imported keys, which RPM keeps among its packages.</summary>
    private const string KeyName = "gpg-pubkey";

    /// <exception cref="InvalidDataException">It is not a header.</exception>
    public static void AddTo(PackageList list, ReadOnlySpan<byte> blob)
    {
        var header = new RpmHeader(blob);
        var name = header.Text(TagName);
        if (name == KeyName)
            return;
        var build = header.Text(TagSha256Header);
        list.Add(new(PackageManager.Rpm, name, header.Text(TagArchitecture), header.Number(TagEpoch) ?? 0, header.Text(TagVersion), header.Text(TagRelease))
        {
            Source = SourceName(header.Text(TagSourceRpm)),
            InstalledBytes = header.Number(TagLongSize) ?? header.Number(TagSize),
            License = header.Text(TagLicense),
            Url = header.Text(TagUrl),
            Build = build.Length > 0 ? build : header.Text(TagSha1Header),
        });
    }

    /// <summary><c>mesa-24.1-3.fc40.src.rpm</c> is <c>mesa</c>: version and release have no hyphens.</summary>
    internal static string SourceName(string sourceRpm)
    {
        var release = sourceRpm.LastIndexOf('-');
        var version = release <= 0 ? -1 : sourceRpm.LastIndexOf('-', release - 1);
        return version <= 0 ? "" : sourceRpm[..version];
    }
}
