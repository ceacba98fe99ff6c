using Pipeline.Core.Diagnostics;

namespace Pipeline.Engine.Inventories;

/// <summary>A database that is not what it should be costs its list and nothing else.</summary>
internal static class Guard
{
    /// <summary>Null, and a warning, where the database cannot be read.</summary>
    public static PackageList? Read(string database, DiagnosticBag bag, Action<PackageList> read)
    {
        var list = new PackageList(database);
        try
        {
            read(list);
        }
        catch (InvalidDataException e)
        {
            bag.Add(InventoryRules.Unreadable, null, database, e.Message);
            return null;
        }
        list.Report(bag);
        return list;
    }
}
