using Pipeline.Core.Files;

namespace Pipeline.Engine.Building.Boot;

/// <summary>Finds the device tree that a board names, in the folders where distributions keep those of a kernel.</summary>
internal static class DeviceTrees
{
    private static readonly string[] Folders =
    [
        "/usr/lib/modules/{0}/dtb", "/usr/lib/modules/{0}/dtbs", "/usr/lib/linux-image-{0}", "/boot/dtb-{0}", "/boot/dtbs/{0}",
        "/boot/dtbs-{0}", "/lib/firmware/{0}/device-tree", "/usr/lib/firmware/{0}/device-tree", "/boot/dtbs", "/boot/dtb",
    ];

    /// <summary>The real path; null where the board names none, or with a complaint where the source lacks it.</summary>
    public static string? Find(BootContext context, Kernel kernel)
    {
        if (context.Boot.DeviceTree is not { } name)
            return null;
        var folders = Folders.Select(f => f.Replace("{0}", kernel.Version, StringComparison.Ordinal)).ToList();
        // Distributions differ in whether 32-bit trees have a folder a vendor.
        string[] names = name.Contains('/') ? [name, name[(name.LastIndexOf('/') + 1)..]] : [name];
        var found = from folder in folders
                    from candidate in names
                    let path = $"{folder}/{candidate}"
                    where context.Tree.Find(path) is RegularFile
                    select context.Tree.RealPath(path);
        if (found.FirstOrDefault() is { } real)
            return real;
        context.Bag.Add(BuildingRules.NoDeviceTree, context.Boot.Span, name, kernel.Version, string.Join(", ", folders));
        return null;
    }
}
