using Pipeline.Engine.Flashing.Devices;

namespace Pipeline.Kit;

/// <summary>
/// What <c>/sys</c> and <c>/proc</c> say on a machine that is not this one: a system disk with LVM, a card, a stick, a RAID.
/// The names and forms of the files are the kernel's.
/// </summary>
public sealed class FakeMachine : IDisposable
{
    private const string Usb = "devices/pci0000:00/0000:00:14.0/usb1/1-2/1-2:1.0/host6/target6:0:0/6:0:0:0/block";
    private const string Ata = "devices/pci0000:00/0000:00:17.0/ata1/host0/target0:0:0/0:0:0:0/block";
    private readonly TempDir _temp = new();
    private readonly Dictionary<string, string> _places = new(StringComparer.Ordinal);

    public FakeMachine()
    {
        Directory.CreateDirectory(_temp["sys/class/block"]);
        Disk("sda", "8:0", Ata, 500, ("device/vendor", "ATA     "), ("device/model", "Samsung SSD 870 "));
        Partition("sda", "sda1", "8:1");
        Partition("sda", "sda2", "8:2");
        Disk("sdb", "8:16", Usb, 30, ("device/vendor", "SanDisk "), ("device/model", "Ultra           "), ("removable", "1"));
        Write(_temp["sys/devices/pci0000:00/0000:00:14.0/usb1/1-2/idVendor"], "0781");
        Write(_temp["sys/devices/pci0000:00/0000:00:14.0/usb1/1-2/serial"], "4C530001");
        Partition("sdb", "sdb1", "8:17");
        Disk("mmcblk0", "179:0", "devices/platform/mmc0/mmc_host/mmc0/mmc0:aaaa/block", 15, ("device/name", "SC16G"), ("device/serial", "0x12345678"));
        Partition("mmcblk0", "mmcblk0p1", "179:1");
        Disk("sdc", "8:32", Usb, 0, ("removable", "1"));
        Disk("dm-0", "253:0", "devices/virtual/block", 100);
        Stack("dm-0", "sda2");
        Disk("loop0", "7:0", "devices/virtual/block", 1);
        Mounts("22 1 253:0 / / rw shared:1 - ext4 /dev/mapper/vg-root rw", "30 22 8:1 / /boot rw - ext4 /dev/sda1 rw");
        Swaps();
    }

    public BlockDevices Devices => new(_temp.Path);

    public void Mounts(params string[] lines) => Write(_temp["proc/self/mountinfo"], string.Concat(lines.Select(l => l + "\n")));

    public void Swaps(params string[] paths) =>
        Write(_temp["proc/swaps"], "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n" + string.Concat(paths.Select(p => $"{p}                               partition\t8388604\t0\t-2\n")));

    /// <summary>Replaces one file of a device, such as <c>ro</c>.</summary>
    public void Set(string device, string file, string text) => Write(Path.Combine(_places[device], file), text);

    /// <summary>Builds one device on another, as LVM, encryption and RAID do.</summary>
    public void Stack(string holder, string slave)
    {
        Write(Path.Combine(_places[holder], "slaves", slave), "");
        Write(Path.Combine(_places[slave], "holders", holder), "");
    }

    public void Disk(string name, string number, string place, long gibibytes, params (string File, string Text)[] facts)
    {
        Add(name, Path.Combine(_temp["sys"], place, name), number, gibibytes << 21);
        Set(name, "queue/logical_block_size", "512");
        foreach (var (file, text) in facts)
            Set(name, file, text);
    }

    public void Dispose() => _temp.Dispose();

    private void Partition(string disk, string name, string number)
    {
        Add(name, Path.Combine(_places[disk], name), number, 2048);
        Set(name, "partition", "1");
    }

    private void Add(string name, string directory, string number, long sectors)
    {
        _places[name] = directory;
        Set(name, "dev", number);
        Set(name, "size", sectors.ToString(System.Globalization.CultureInfo.InvariantCulture));
        Set(name, "ro", "0");
        Directory.CreateDirectory(Path.Combine(directory, "holders"));
        File.CreateSymbolicLink(_temp["sys/class/block/" + name], directory);
    }

    private static void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text.EndsWith('\n') || text.Length == 0 ? text : text + "\n");
    }
}
