using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;

namespace Pipeline.Engine.Flashing.Devices;

/// <summary>Whether a device may be overwritten: everything that is known before it is opened. All reasons against it, at once.</summary>
public static class DeviceCheck
{
    /// <summary>What no running system can lose.</summary>
    private static readonly string[] SystemPoints = ["/", "/usr", "/boot", "/boot/efi", "/boot/firmware", "/efi", "/etc", "/var", "/home", "/nix", "/sysroot", "/ostree"];

    /// <param name="shown">How the user called it.</param>
    public static ImmutableArray<Diagnostic> Check(BlockDevice device, string shown, BlockDevices devices)
    {
        var bag = new DiagnosticBag();
        if (device.ParentName is { } parent)
            bag.Add(FlashRules.IsPartition, null, shown, "/dev/" + parent.Replace('!', '/'));
        else if (!device.SlaveNames.IsEmpty)
            bag.Add(FlashRules.IsStack, null, shown, "built on " + string.Join(", ", device.SlaveNames));
        else if (device.LengthBytes == 0)
            bag.Add(FlashRules.IsEmpty, null, shown);
        if (device.IsReadOnly)
            bag.Add(FlashRules.IsReadOnly, null, shown);
        CheckUse(device, shown, devices, bag);
        return bag.ToImmutable();
    }

    private static void CheckUse(BlockDevice device, string shown, BlockDevices devices, DiagnosticBag bag)
    {
        var table = MountTable.Read(devices);
        if (SystemPoint(device, devices, table) is { } point)
        {
            bag.Add(FlashRules.IsSystemDisk, null, shown, point);
            return;
        }
        foreach (var part in device.PartitionNames.Select(devices.Find).OfType<BlockDevice>().Prepend(device))
        {
            foreach (var mount in table.Of(part).DistinctBy(m => m.Point))
                bag.Add(FlashRules.IsMounted, null, shown, part.Path, mount.Point);
            if (table.IsSwap(part))
                bag.Add(FlashRules.IsSwap, null, shown, part.Path);
            foreach (var holder in part.HolderNames)
                bag.Add(FlashRules.IsHeld, null, shown, part.Path, "/dev/" + holder);
        }
    }

    /// <summary>A mount point of the system that in the end lies on this disk, also through encryption, LVM or RAID.</summary>
    private static string? SystemPoint(BlockDevice device, BlockDevices devices, MountTable table)
    {
        foreach (var mount in table.Mounts.Where(m => SystemPoints.Contains(m.Point)))
        {
            var mounted = devices.FindByNumber(mount.Number) ?? devices.FindByPath(mount.Source);
            if (mounted is not null && devices.DisksUnder(mounted).Contains(device.ParentName ?? device.Name))
                return mount.Point;
        }
        return null;
    }
}
