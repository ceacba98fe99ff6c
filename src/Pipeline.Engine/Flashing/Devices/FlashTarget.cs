using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;

namespace Pipeline.Engine.Flashing.Devices;

/// <summary>What is to be overwritten.</summary>
/// <param name="Path">Absolute, without links.</param>
/// <param name="Shown">How the user called it.</param>
/// <param name="SectorBytes">512 or 4096 (a device may have others; then no image fits).</param>
/// <param name="Device">Null for a regular file that stands for a disk.</param>
public sealed record FlashTarget(string Path, string Shown, long LengthBytes, int SectorBytes, BlockDevice? Device)
{
    /// <summary>Finds a whole disk that may be overwritten, or says why it may not.</summary>
    public static Result<FlashTarget> OfDevice(string path, BlockDevices devices)
    {
        if (!OperatingSystem.IsLinux())
            return Result<FlashTarget>.Failed(Diagnostic.Create(FlashRules.NotLinux, null, path));
        if (devices.FindByPath(path) is not { } device)
        {
            return Result<FlashTarget>.Failed(
                Directory.Exists(path) ? Diagnostic.Create(FlashRules.NotADevice, null, path, "a directory")
                : File.Exists(path) ? Diagnostic.Create(FlashRules.NotADevice, null, path, "no block device")
                : Diagnostic.Create(FlashRules.NoDevice, null, path));
        }
        var complaints = DeviceCheck.Check(device, path, devices);
        return complaints.IsEmpty
            ? new FlashTarget(device.Path, path, device.LengthBytes, device.SectorBytes, device)
            : Result<FlashTarget>.Failed(complaints);
    }

    /// <summary>A regular file that has the disk's length already: for emulators and tests.</summary>
    public static Result<FlashTarget> OfFile(string path, int sectorBytes)
    {
        if (!OperatingSystem.IsLinux())
            return Result<FlashTarget>.Failed(Diagnostic.Create(FlashRules.NotLinux, null, path));
        var file = new FileInfo(BlockDevices.Real(path));
        if (file.FullName.StartsWith("/dev/", StringComparison.Ordinal) && !file.FullName.StartsWith("/dev/shm/", StringComparison.Ordinal))
            return Result<FlashTarget>.Failed(Diagnostic.Create(FlashRules.NotADevice, null, path, "a device and no file"));
        var complaint = Directory.Exists(file.FullName) ? "a directory" : !file.Exists ? "not there" : FileStatus.StreamKind(file.FullName) ?? (file.Length == 0 ? "empty" : null);
        return complaint is null
            ? new FlashTarget(file.FullName, path, file.Length, sectorBytes, null)
            : Result<FlashTarget>.Failed(Diagnostic.Create(FlashRules.NoSuchFile, null, path, complaint));
    }
}
