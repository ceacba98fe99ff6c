using System.Text;
using Pipeline.Core.Files;

namespace Pipeline.Engine.Building.LinuxKit;

/// <summary>
/// What becomes of every image on its way into the system: leftovers of builders go, names and resolver are the
/// system's, and the places that a kernel and a runtime mount over are there.
/// </summary>
internal static class ImageFilter
{
    /// <summary>The time of everything that is made here: 2017-04-18 16:30 UTC, as in LinuxKit.</summary>
    public static readonly UnixTime Clock = new(1_492_533_000);

    public const ushort FilePermissions = 0b110_100_100;
    public const ushort LinkPermissions = 0b111_111_111;

    private static readonly string[] Dropped = ["/.dockerenv", "/Dockerfile", "/dev/console", "/dev/pts", "/dev/shm", "/etc/hostname"];
    private static readonly string[] Ensured = ["/dev", "/dev/pts", "/dev/shm", "/etc", "/proc", "/sys"];

    private const string Hosts = """
        127.0.0.1       localhost
        ::1     localhost ip6-localhost ip6-loopback
        fe00::0 ip6-localnet
        ff00::0 ip6-mcastprefix
        ff02::1 ip6-allnodes
        ff02::2 ip6-allrouters

        """;

    private const string Resolver = "\n# no resolv.conf configured\n";

    /// <param name="image">Of a single use: it is changed.</param>
    /// <param name="resolverLink">Where <c>/etc/resolv.conf</c> leads; null writes one that says nothing.</param>
    /// <exception cref="IOException">A path of the image is no directory where it must be one.</exception>
    public static void Apply(FileTree image, string? resolverLink)
    {
        foreach (var path in Dropped)
            image.Remove(path);
        foreach (var path in Ensured)
            image.EnsureDirectory(path, Clock).Mtime = Clock;
        Rewrite(image, "/etc/hosts", Hosts);
        if (resolverLink is null)
            Rewrite(image, "/etc/resolv.conf", Resolver);
        else
            image.Set("/etc/resolv.conf", Link(resolverLink));
        if (image.Find("/etc/mtab", followLast: false) is null)
            image.Set("/etc/mtab", Link("/proc/mounts"));
    }

    public static SymbolicLink Link(string target) =>
        new() { Target = Encoding.UTF8.GetBytes(target), Permissions = LinkPermissions, Mtime = Clock };

    public static RegularFile File(string text, ushort permissions = FilePermissions) =>
        new() { Content = FileContent.Of(Encoding.UTF8.GetBytes(text)), Permissions = permissions, Mtime = Clock };

    /// <summary>Owner and rights are the image's where it has the file.</summary>
    private static void Rewrite(FileTree image, string path, string text)
    {
        var made = File(text);
        if (image.Find(path, followLast: false) is RegularFile old)
            (made.Permissions, made.Uid, made.Gid) = (old.Permissions, old.Uid, old.Gid);
        image.Set(path, made);
    }
}
