using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Pipeline.Engine.Inventories.Rpm;

/// <summary>Finds the RPM database of an image and reads it. See this room's README for which one counts.</summary>
internal static class RpmDatabase
{
    /// <summary>Where RPM keeps it: Fedora and SUSE, rpm-ostree, older ones. Links between them are common.</summary>
    private static readonly string[] Directories = ["/usr/lib/sysimage/rpm", "/usr/share/rpm", "/var/lib/rpm"];

    private const string BaseCopyDirectory = "/usr/lib/sysimage/rpm-ostree-base-db";
    private const string SqliteName = "rpmdb.sqlite";
    private const string BerkeleyName = "Packages";
    private const string NdbName = "Packages.db";

    /// <summary>A full desktop has 200 MiB.</summary>
    private const long LimitBytes = 2L << 30;

    private const int CopyBytes = 1 << 20;
    private const uint BerkeleyHashMagic = 0x0006_1561;

    /// <param name="scratchDirectory">Exists; copies live there while they are read.</param>
    public static PackageList? Read(FileTree tree, string scratchDirectory, DiagnosticBag bag, CancellationToken ct)
    {
        PackageList? empty = null;
        foreach (var directory in Directories)
        {
            if (ReadSqlite(tree, directory, scratchDirectory, bag, ct) is not { } list)
                continue;
            if (!list.Packages.IsEmpty)
                return list;
            empty ??= list;
        }
        if (ReportUnsupported(tree, bag))
            return null;
        if (empty is null && ReadSqlite(tree, BaseCopyDirectory, scratchDirectory, bag, ct) is { Packages.IsEmpty: false } copy)
        {
            bag.Add(InventoryRules.BaseCopy, null, copy.Database);
            return copy;
        }
        return empty;
    }

    private static PackageList? ReadSqlite(FileTree tree, string directory, string scratchDirectory, DiagnosticBag bag, CancellationToken ct)
    {
        var path = $"{directory}/{SqliteName}";
        if (DatabaseFile.Find(tree, path) is not { Content.LengthBytes: > 0 } file)
            return null;
        if (DatabaseFile.Find(tree, path + "-journal") is { Content.LengthBytes: > 0 })
            bag.Add(InventoryRules.Journal, null, path);
        return Guard.Read(path, bag, list =>
        {
            var log = DatabaseFile.Find(tree, path + "-wal");
            var scratch = Directory.CreateDirectory(Path.Combine(scratchDirectory, "rpmdb")).FullName;
            try
            {
                var copy = Path.Combine(scratch, SqliteName);
                Copy(file, copy);
                var hasLog = log is { Content.LengthBytes: > 0 };
                if (hasLog)
                    Copy(log!, copy + "-wal");
                RpmSqlite.Read(copy, hasLog, blob => RpmPackage.AddTo(list, blob), ct);
            }
            finally
            {
                Directory.Delete(scratch, recursive: true);
            }
        });
    }

    private static void Copy(RegularFile file, string path)
    {
        if (file.Content.LengthBytes > LimitBytes)
            throw new InvalidDataException($"it has {file.Content.LengthBytes} bytes, at most {LimitBytes} are read");
        using var copy = new FileStream(path, FileMode.Create, FileAccess.Write);
        var buffer = new byte[(int)Math.Min(CopyBytes, file.Content.LengthBytes)];
        for (long at = 0; at < file.Content.LengthBytes; at += buffer.Length)
            copy.Write(buffer, 0, file.Content.Read(at, buffer));
    }

    /// <summary>Only where no other database was there: images that were converted may keep the old one.</summary>
    private static bool ReportUnsupported(FileTree tree, DiagnosticBag bag)
    {
        foreach (var directory in Directories)
        {
            if (DatabaseFile.Find(tree, $"{directory}/{NdbName}") is { } ndb && DatabaseFile.ReadStart(ndb, 4).AsSpan().SequenceEqual("RpmP"u8))
            {
                bag.Add(InventoryRules.NdbDatabase, null, $"{directory}/{NdbName}");
                return true;
            }
            if (DatabaseFile.Find(tree, $"{directory}/{BerkeleyName}") is { } berkeley && IsBerkeley(DatabaseFile.ReadStart(berkeley, 16)))
            {
                bag.Add(InventoryRules.BerkeleyDatabase, null, $"{directory}/{BerkeleyName}");
                return true;
            }
        }
        return false;
    }

    /// <summary>The magic number of a hash database lies behind the log sequence number and the page number, in the writer's byte order.</summary>
    private static bool IsBerkeley(ReadOnlySpan<byte> start) =>
        start.Length == 16 && (ReadUInt32LittleEndian(start[12..]) == BerkeleyHashMagic || ReadUInt32BigEndian(start[12..]) == BerkeleyHashMagic);
}
