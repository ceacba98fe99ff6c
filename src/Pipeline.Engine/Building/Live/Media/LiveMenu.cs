using System.Text;
using Pipeline.Engine.Building.Boot;

namespace Pipeline.Engine.Building.Live.Media;

/// <summary>Boot menus of a live medium: one entry a kernel, the newest first.</summary>
internal static class LiveMenu
{
    /// <summary>
    /// Files are found two folders above GRUB's own: <c>/EFI/VENDOR</c> and <c>/boot/grub</c> are both two deep, so that
    /// nothing must be searched for and no other medium can be found.
    /// </summary>
    private const string Top = "$prefix/../..";

    public static string Grub(LiveSystem system, IReadOnlyList<LiveEntry> entries, LiveMedium medium)
    {
        var text = new StringBuilder("# Written from the manifest.\nset default=0\n");
        text.Append($"set timeout={Timeout(entries)}\n");
        foreach (var entry in entries)
        {
            text.Append($"menuentry '{system.Boot.SystemName} ({entry.Kernel.Version})' {{\n");
            if (entry.DeviceTreePath is { } tree)
                text.Append($"    devicetree {Top}{tree}\n");
            text.Append($"    linux {Top}{entry.LinuxPath} {string.Join(' ', system.Arguments(entry.Kernel, medium).Select(GrubConfig.Word))}\n");
            text.Append($"    initrd {Top}{entry.InitrdPath}\n}}\n");
        }
        return text.ToString();
    }

    /// <summary>Boot Loader Specification entries, type 1.</summary>
    public static IEnumerable<(string Path, string Text)> SystemdBoot(LiveSystem system, IReadOnlyList<LiveEntry> entries, LiveMedium medium)
    {
        yield return ("/loader/loader.conf", $"timeout {Timeout(entries)}\n");
        yield return ("/loader/entries.srel", "type1\n");
        foreach (var (entry, name) in entries.Zip(EntryNames.Of(system.Job.Target.Image.Name, entries.Select(e => e.Kernel.Version))))
        {
            var tree = entry.DeviceTreePath is { } path ? $"devicetree {path}\n" : "";
            yield return (
                $"/loader/entries/{name}.conf",
                $"title {system.Boot.SystemName}\nversion {entry.Kernel.Version}\nlinux {entry.LinuxPath}\ninitrd {entry.InitrdPath}\n{tree}options {string.Join(' ', system.Arguments(entry.Kernel, medium))}\n");
        }
    }

    private static int Timeout(IReadOnlyList<LiveEntry> entries) => entries.Count > 1 ? 5 : 1;
}
