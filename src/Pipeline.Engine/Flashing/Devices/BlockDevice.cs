using System.Collections.Immutable;

namespace Pipeline.Engine.Flashing.Devices;

/// <summary>A block device as the kernel describes it below <c>/sys/class/block</c>.</summary>
/// <param name="Name">The kernel's: <c>sdb</c>, <c>mmcblk0p1</c>.</param>
/// <param name="Number"><c>MAJOR:MINOR</c>.</param>
/// <param name="LengthBytes">0 for a reader without a card.</param>
/// <param name="SectorBytes">The logical sector, which partition tables count in.</param>
/// <param name="Transport"><c>usb</c>, <c>mmc</c>, <c>nvme</c>, <c>sata</c>, <c>virtio</c>, <c>loop</c>; else the empty string.</param>
/// <param name="Model">What its maker calls it; empty where it does not say. It comes from the device: no terminal may be steered by it.</param>
/// <param name="ParentName">The disk of a partition; null for a disk.</param>
/// <param name="PartitionNames">Of a disk: its partitions as the kernel sees them.</param>
/// <param name="HolderNames">Devices that are built on this one: <c>dm-0</c>, <c>md127</c>.</param>
/// <param name="SlaveNames">Devices that this one is built on.</param>
public sealed record BlockDevice(
    string Name, string Number, long LengthBytes, int SectorBytes, string Transport, string Model, string Serial,
    bool IsRemovable, bool IsReadOnly, string? ParentName,
    ImmutableArray<string> PartitionNames, ImmutableArray<string> HolderNames, ImmutableArray<string> SlaveNames)
{
    public string Path => "/dev/" + Name.Replace('!', '/');

    public bool IsPartition => ParentName is not null;

    /// <summary>Something that people put images on: a card, a stick, a disk in a case; also where it is empty now.</summary>
    public bool IsCandidate => !IsPartition && SlaveNames.IsEmpty && Transport != "loop" && (IsRemovable || Transport is "usb" or "mmc");
}
