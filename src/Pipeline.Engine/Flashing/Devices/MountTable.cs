using System.Collections.Immutable;
using System.Text;

namespace Pipeline.Engine.Flashing.Devices;

/// <param name="Number"><c>MAJOR:MINOR</c> of the file system; with some (btrfs) of no device.</param>
/// <param name="Source">What was mounted, often a path below <c>/dev</c>.</param>
public sealed record Mount(string Number, string Point, string Source);

/// <summary>What is mounted and what is swap, as the kernel tells this process (proc_pid_mountinfo(5), proc_swaps(5)).</summary>
public sealed record MountTable(ImmutableArray<Mount> Mounts, ImmutableArray<string> SwapPaths)
{
    public static MountTable Read(BlockDevices devices) => new(
        [.. devices.MountLines.Select(Parse).OfType<Mount>()],
        [.. devices.SwapLines.Select(l => Unescape(l.Split([' ', '\t'], 2)[0]))]);

    public IEnumerable<Mount> Of(BlockDevice device) =>
        Mounts.Where(m => m.Number == device.Number || (m.Source.StartsWith("/dev/", StringComparison.Ordinal) && BlockDevices.Real(m.Source) == device.Path));

    public bool IsSwap(BlockDevice device) => SwapPaths.Any(p => BlockDevices.Real(p) == device.Path);

    /// <summary><c>36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw</c>: number, root, mount point; behind the dash type and source.</summary>
    private static Mount? Parse(string line)
    {
        var words = line.Split(' ');
        var dash = Array.IndexOf(words, "-");
        return dash >= 6 && words.Length > dash + 2 ? new(words[2], Unescape(words[4]), Unescape(words[dash + 2])) : null;
    }

    /// <summary>Blanks, tabs, line ends and backslashes are written as three octal digits.</summary>
    private static string Unescape(string text)
    {
        if (!text.Contains('\\', StringComparison.Ordinal))
            return text;
        var plain = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\' && i + 3 < text.Length && text.AsSpan(i + 1, 3).IndexOfAnyExceptInRange('0', '7') < 0)
            {
                plain.Append((char)(((text[i + 1] - '0') << 6) | ((text[i + 2] - '0') << 3) | (text[i + 3] - '0')));
                i += 3;
            }
            else
            {
                plain.Append(text[i]);
            }
        }
        return plain.ToString();
    }
}
