using System.Collections.Immutable;
using System.Globalization;

namespace Pipeline.Engine.Flashing.Devices;

/// <summary>Reads what the kernel says of block devices. Asks no program, opens no device.</summary>
/// <param name="rootPath">Before <c>/sys</c> and <c>/proc</c>: empty on a real machine, a directory in tests.</param>
public sealed class BlockDevices(string rootPath)
{
    private const long SysfsSectorBytes = 512;
    private const int MaxTextLength = 256;
    private const int MaxAncestors = 16;
    private const int MaxLinks = 40;
    private readonly string _classPath = rootPath + "/sys/class/block";

    /// <summary>Lines of <c>/proc/self/mountinfo</c>, unread.</summary>
    public IEnumerable<string> MountLines => Lines("/proc/self/mountinfo");

    /// <summary>Lines of <c>/proc/swaps</c> below its head.</summary>
    public IEnumerable<string> SwapLines => Lines("/proc/swaps").Skip(1);

    /// <summary>All of them, in order of name.</summary>
    public ImmutableArray<BlockDevice> List() => !Directory.Exists(_classPath) ? [] :
    [
        .. Directory.EnumerateFileSystemEntries(_classPath).Select(p => Find(Path.GetFileName(p))).OfType<BlockDevice>().OrderBy(d => d.Name, StringComparer.Ordinal),
    ];

    /// <summary>The device behind a path below <c>/dev</c>, links followed; null where there is none.</summary>
    public BlockDevice? FindByPath(string path)
    {
        var real = Real(path);
        return real.StartsWith("/dev/", StringComparison.Ordinal) ? Find(real["/dev/".Length..].Replace('/', '!')) : null;
    }

    public BlockDevice? FindByNumber(string number) => List().FirstOrDefault(d => d.Number == number);

    /// <summary>Null where the kernel knows no such name.</summary>
    public BlockDevice? Find(string name)
    {
        var directory = Path.Combine(_classPath, name);
        if (name.Length == 0 || name.Contains('/', StringComparison.Ordinal) || name[0] == '.' || !Directory.Exists(directory))
            return null;
        var real = Real(directory);
        var parent = File.Exists(Path.Combine(directory, "partition")) ? Path.GetFileName(Path.GetDirectoryName(real)) : null;
        // A partition has its queue and its maker from the disk.
        var disk = parent is null ? directory : Path.Combine(_classPath, parent);
        return new(
            name,
            Text(directory, "dev"),
            Number(directory, "size") is var sectors and > 0 and <= long.MaxValue / SysfsSectorBytes ? sectors * SysfsSectorBytes : 0,
            (int)Math.Clamp(Number(disk, "queue/logical_block_size"), SysfsSectorBytes, 1 << 20),
            Transport(name, real),
            Model(disk),
            Serial(disk, real),
            Number(disk, "removable") == 1,
            Number(directory, "ro") == 1 || Number(disk, "ro") == 1,
            parent,
            [.. Directory.EnumerateDirectories(directory).Where(d => File.Exists(Path.Combine(d, "partition"))).Select(d => Path.GetFileName(d)).Order(StringComparer.Ordinal)],
            Names(directory, "holders"),
            Names(directory, "slaves"));
    }

    /// <summary>What lies under a device, down to whole disks; the disk itself where it is one.</summary>
    public IEnumerable<string> DisksUnder(BlockDevice device)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<BlockDevice>([device]);
        while (open.TryPop(out var next))
        {
            if (!seen.Add(next.Name))
                continue;
            foreach (var below in next.SlaveNames.Append(next.ParentName).OfType<string>().Select(Find).OfType<BlockDevice>())
                open.Push(below);
            if (!next.IsPartition && next.SlaveNames.IsEmpty)
                yield return next.Name;
        }
    }

    /// <summary>A path whose last part is no link any more, whether or not it leads somewhere.</summary>
    public static string Real(string path)
    {
        var real = Path.GetFullPath(path);
        try
        {
            for (var steps = 0; steps < MaxLinks && File.ResolveLinkTarget(real, returnFinalTarget: false) is { } target; steps++)
                real = target.FullName;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It leads nowhere, or nobody may look: this far and no further.
        }
        return real;
    }

    private static string Transport(string name, string realPath)
    {
        if (name.StartsWith("loop", StringComparison.Ordinal))
            return "loop";
        if (name.StartsWith("mmcblk", StringComparison.Ordinal))
            return "mmc";
        foreach (var part in realPath.Split('/').Reverse())
        {
            var word = part.TrimEnd("0123456789".ToCharArray());
            if (word is "usb" or "nvme" or "virtio")
                return word;
            if (word == "ata")
                return "sata";
        }
        return "";
    }

    private static string Model(string disk)
    {
        // A card says name, everything else vendor and model.
        var words = new[] { Text(disk, "device/vendor"), Text(disk, "device/model"), Text(disk, "device/name") };
        // Virtual disks give the number of the bus's owner, which tells nobody anything.
        return string.Join(' ', words.Where(w => w.Length > 0 && !w.StartsWith("0x", StringComparison.Ordinal)));
    }

    /// <summary>A stick has it at its USB device, some steps above the disk.</summary>
    private static string Serial(string disk, string realPath)
    {
        if (Text(disk, "device/serial") is { Length: > 0 } serial)
            return serial;
        var directory = Path.GetDirectoryName(realPath);
        for (var steps = 0; directory is { Length: > 1 } && steps < MaxAncestors; steps++, directory = Path.GetDirectoryName(directory))
        {
            if (Text(directory, "idVendor").Length > 0)
                return Text(directory, "serial");
        }
        return "";
    }

    private static ImmutableArray<string> Names(string directory, string folder)
    {
        var path = Path.Combine(directory, folder);
        return Directory.Exists(path) ? [.. Directory.EnumerateFileSystemEntries(path).Select(p => Path.GetFileName(p)!).Order(StringComparer.Ordinal)] : [];
    }

    private static long Number(string directory, string name) =>
        long.TryParse(Text(directory, name), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : 0;

    /// <summary>One line of a file; empty where there is none, or where the device has just gone.</summary>
    private static string Text(string directory, string name)
    {
        try
        {
            var path = Path.Combine(directory, name);
            var text = File.Exists(path) ? File.ReadAllText(path).Trim() : "";
            return string.Concat(text.Take(MaxTextLength).Select(c => char.IsControl(c) ? '\uFFFD' : c));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private string[] Lines(string path) => File.Exists(rootPath + path) ? File.ReadAllLines(rootPath + path) : [];
}
