using System.Diagnostics;

namespace Pipeline.Kit;

/// <summary>Initrds made by cpio(1) itself, packed by the real tools.</summary>
internal static class Initrds
{
    /// <summary>What a dracut initrd with dmsquash-live has in it, as far as anybody looks.</summary>
    public static readonly string[] DracutLive = ["init", "usr/lib/dracut/hooks/cmdline/30-parse-dmsquash-live.sh", "usr/sbin/dmsquash-live-root"];

    public static readonly string[] LiveBoot = ["init", "conf/initramfs.conf", "scripts/functions", "scripts/live", "usr/lib/live/boot/9990-main.sh"];

    /// <summary>An archive of files whose content is their name.</summary>
    public static byte[] Cpio(params string[] names)
    {
        using var temp = new TempDir();
        foreach (var name in names)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(temp[name])!);
            File.WriteAllText(temp[name], name);
        }
        Run("cd \"$1\" && find . -exec touch -h -d @1700000000 {} + && find . -mindepth 1 | LC_ALL=C sort | cpio --quiet --reproducible -o -H newc >\"$0\"", temp["../" + Path.GetFileName(temp.Path) + ".cpio"], temp.Path);
        var file = temp.Path + ".cpio";
        var bytes = File.ReadAllBytes(file);
        File.Delete(file);
        return bytes;
    }

    /// <param name="tool">Such as <c>gzip</c>, <c>xz --check=crc32</c>.</param>
    public static byte[] Packed(string tool, byte[] archive)
    {
        using var temp = new TempDir();
        File.WriteAllBytes(temp["plain"], archive);
        Run($"{tool} <\"$1\" >\"$0\"", temp["packed"], temp["plain"]);
        return File.ReadAllBytes(temp["packed"]);
    }

    private static void Run(string script, params string[] arguments)
    {
        var run = Tool.Run(new ProcessStartInfo("bash", ["-c", $"set -euo pipefail; {script}", .. arguments]));
        if (run.ExitCode != 0)
            throw new InvalidOperationException(run.Output);
    }
}
