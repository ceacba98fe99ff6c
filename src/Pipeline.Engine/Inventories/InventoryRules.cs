using Pipeline.Core.Diagnostics;

namespace Pipeline.Engine.Inventories;

/// <summary>PL70xx: packages that cannot be told. Never errors: an image is no worse for them, its notes just say less.</summary>
public static class InventoryRules
{
    public static readonly Rule BerkeleyDatabase =
        new("PL7001", Severity.Warning, "the packages of the image are not listed: '{0}' is an RPM database in Berkeley DB format, which is not read; images made with RPM 4.16 or later have rpmdb.sqlite");

    public static readonly Rule NdbDatabase =
        new("PL7002", Severity.Warning, "the packages of the image are not listed: '{0}' is an RPM database in ndb format, which is not read; 'rpmdb --rebuilddb --define \"_db_backend sqlite\"' in the image converts it");

    public static readonly Rule Unreadable =
        new("PL7003", Severity.Warning, "the packages of the image are not listed from '{0}' ({1}); rebuild the database in the image, or go without them");

    public static readonly Rule BaseCopy =
        new("PL7004", Severity.Warning, "the packages of the image are listed from '{0}', rpm-ostree's copy for the base image, because no other RPM database is there; what was installed on top is missing from the list");

    public static readonly Rule EntriesSkipped =
        new("PL7005", Severity.Warning, "{1} entries of '{0}' are not listed, because they have no name or version, or unreasonable ones (first: {2}); rebuild the database in the image");

    public static readonly Rule Journal =
        new("PL7006", Severity.Warning, "'{0}' was left in the middle of a change (there is a '-journal' beside it), so the list of packages may be stale; rebuild the database in the image");
}
