using System.Collections.Immutable;
using Pipeline.Core.Units;
using Pipeline.Engine.Inventories;

namespace Pipeline.Kit;

/// <summary>Lists of packages as reading an image would give.</summary>
public static class SampleInventories
{
    /// <param name="packages"><c>NAME VERSION-RELEASE</c>, with semicolons between.</param>
    public static SourceInventory Rpm(string platform, string packages, string manifest = "m") => new("docker.io/library/fedora:40", Digest.Sha256(System.Text.Encoding.UTF8.GetBytes(manifest)), platform)
    {
        Clock = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000),
        System = new("fedora", "40", "Fedora Linux 40"),
        Layers = [new(Digest.Sha256("layer"u8), new(1 << 20))],
        Packages = PackageInventory.Of(packages.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(Package), ["/usr/lib/sysimage/rpm/rpmdb.sqlite"]),
    };

    private static Package Package(string text)
    {
        var (name, version) = (text.Split(' ')[0], text.Split(' ')[1]);
        var hyphen = version.LastIndexOf('-');
        return new(PackageManager.Rpm, name, "x86_64", 0, version[..hyphen], version[(hyphen + 1)..]) { Source = name };
    }
}
