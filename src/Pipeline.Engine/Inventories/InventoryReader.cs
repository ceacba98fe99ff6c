using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Engine.Inventories.Apk;
using Pipeline.Engine.Inventories.Dpkg;
using Pipeline.Engine.Inventories.Pacman;
using Pipeline.Engine.Inventories.Rpm;

namespace Pipeline.Engine.Inventories;

/// <summary>
/// Reads the package databases of an image out of its file tree. Nothing of the image runs, no tool of the host is used,
/// and no path leaves the tree.
/// </summary>
public static class InventoryReader
{
    /// <param name="scratchDirectory">Exists and is the caller's own; it is left as it was.</param>
    /// <returns>Always a list, if an empty one: what cannot be read is a warning.</returns>
    /// <exception cref="IOException">The scratch directory cannot be written.</exception>
    public static Result<PackageInventory> Read(FileTree tree, string scratchDirectory, CancellationToken ct)
    {
        var bag = new DiagnosticBag();
        var lists = new List<PackageList>();
        if (RpmDatabase.Read(tree, scratchDirectory, bag, ct) is { } rpm)
            lists.Add(rpm);
        lists.AddRange(DpkgDatabase.Read(tree, bag));
        if (ApkDatabase.Read(tree, bag) is { } apk)
            lists.Add(apk);
        if (PacmanDatabase.Read(tree, bag) is { } pacman)
            lists.Add(pacman);
        ct.ThrowIfCancellationRequested();
        var inventory = PackageInventory.Of(lists.SelectMany(l => l.Packages), lists.Where(l => !l.Packages.IsEmpty).Select(l => l.Database));
        return new(inventory with { Unreadable = [.. bag.ToImmutable().Select(d => d.Message)] }, bag.ToImmutable());
    }
}
