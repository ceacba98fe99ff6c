using Pipeline.Engine.Building.Live.Initrds;

namespace Pipeline.Engine.Building.Live;

/// <summary>
/// The kernel arguments by which an initrd finds a live system: dracut.cmdline(7), live-boot(7), systemd's own. Arguments that
/// somebody wrote down come behind them, and take the place of those with the same name.
/// </summary>
internal static class LiveArguments
{
    /// <summary>What the persistent file system must have in its root: dracut wants two directories side by side.</summary>
    public const string DracutUpper = "/overlay";
    public const string DracutWork = "/ovlwork";

    /// <summary>live-boot looks for a file system with this label.</summary>
    public const string LiveBootLabel = "persistence";

    public static IReadOnlyList<string> Of(InitrdFamily family, LiveMedium medium, IReadOnlyList<string> given)
    {
        var names = given.Select(NameOf).ToHashSet(StringComparer.Ordinal);
        var own = family switch
        {
            // Who says a root of his own knows what his initrd wants.
            _ when names.Contains("root") => [],
            _ when medium is { MountedType: { } type } => Systemd(medium, type),
            InitrdFamily.Dracut => Dracut(medium),
            InitrdFamily.LiveBoot => LiveBoot(medium),
            _ => [],
        };
        return [.. own.Concat(medium.Further).Where(a => !names.Contains(NameOf(a))), .. given];
    }

    /// <summary>kernel-command-line(7) of systemd: a root of any kind, and over it memory for what is written.</summary>
    private static IEnumerable<string> Systemd(LiveMedium medium, string type) =>
        [$"root={medium.Device}", $"rootfstype={type}", "ro", "systemd.volatile=overlay"];

    private static IEnumerable<string> Dracut(LiveMedium medium)
    {
        yield return $"root=live:{medium.Device}";
        if (medium.Directory is { } directory && directory != LiveMedium.DracutDirectory)
            yield return $"rd.live.dir={directory}";
        if (medium.Directory is not null && medium.FileName != LiveMedium.DracutFile)
            yield return $"rd.live.squashimg={medium.FileName}";
        yield return "rd.live.image";
        if (medium.IsUrl)
        {
            yield return "rd.neednet=1";
            yield return "ip=dhcp";
        }
        // Without it dracut 059 finds out by itself that it must, and then forgets to (unless systemd mounts the root).
        yield return "rd.live.overlay.overlayfs=1";
        yield return medium.Persistence is { } device ? $"rd.live.overlay={device}:{DracutUpper}" : "rd.live.overlay.readonly";
    }

    private static IEnumerable<string> LiveBoot(LiveMedium medium)
    {
        yield return "boot=live";
        if (medium.IsUrl)
        {
            yield return $"fetch={medium.Device}";
            yield return "ip=dhcp";
        }
        else
        {
            yield return $"live-media={UdevLink(medium.Device)}";
            yield return $"live-media-path={medium.Directory ?? "/"}";
        }
        if (medium.Persistence is not null)
            yield return "persistence";
    }

    /// <summary>live-boot takes devices by their paths only.</summary>
    private static string UdevLink(string device) => device.Split('=', 2) switch
    {
        ["PARTLABEL", var name] => $"/dev/disk/by-partlabel/{name}",
        ["PARTUUID", var name] => $"/dev/disk/by-partuuid/{name}",
        ["LABEL" or "CDLABEL", var name] => $"/dev/disk/by-label/{name}",
        _ => device,
    };

    private static string NameOf(string argument) => argument.Split('=', 2)[0];
}
