using System.Collections.Immutable;
using System.Text;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Kit;
using Shouldly;
using SQLitePCL;
using Xunit;

namespace Pipeline.Engine.Inventories.Rpm;

public sealed class RpmDatabaseTests : IDisposable
{
    private const string Path = "/usr/lib/sysimage/rpm/rpmdb.sqlite";
    private readonly TempDir _temp = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void Every_package_is_as_rpm_itself_says()
    {
        var system = new RpmSystem(_temp["rpm"]).Install(
            new RpmSpec("alpha", "1.0~rc1-1.fc40") { Epoch = 2, Parts = ["libs", "doc"], License = "GPL-2.0-or-later AND MIT" },
            new RpmSpec("kernel-core", "6.8.1-300.fc40"),
            new RpmSpec("zone", "2024a^git7-5.fc40") { Architecture = "noarch" },
            new RpmSpec("glibc", "2.39-2.fc40") { Architecture = "i686" });
        system.Install(new RpmSpec("kernel-core", "6.8.4-300.fc40"));

        var result = Read(DirectoryTree.Read(system.RootPath));

        result.Diagnostics.ShouldBeEmpty();
        result.Value!.Databases.ShouldBe([Path]);
        result.Value.Packages.Select(p => $"{p.Name}|{p.Epoch}|{p.Version}|{p.Release}|{p.Architecture}|{p.License}|{p.Url}|{p.InstalledBytes}|{p.Build}|{p.Source}")
            .ShouldBe(system.Query("%{name}|%|epoch?{%{epoch}}:{0}||%{version}|%{release}|%{arch}|%{license}|%{url}|%{longsize}|%{sha256header}|%{sourcerpm}")
                .Select(l => System.Text.RegularExpressions.Regex.Replace(l, "-[^-|]+-[^-|]+\\.src\\.rpm$", "")), ignoreOrder: true);
        result.Value.Packages.Select(p => p.FullVersion).ShouldBe(["2:1.0~rc1-1.fc40", "2:1.0~rc1-1.fc40", "2:1.0~rc1-1.fc40", "2.39-2.fc40", "6.8.1-300.fc40", "6.8.4-300.fc40", "2024a^git7-5.fc40"]);
        Directory.GetFileSystemEntries(_temp["scratch"]).ShouldBeEmpty();
    }

    [Fact]
    public void Pages_that_are_only_in_the_log_count()
    {
        var system = new RpmSystem(_temp["old"]).Install(new RpmSpec("alpha", "1.0-1"));
        var newer = new RpmSystem(_temp["new"]).Install(new RpmSpec("alpha", "2.0-1"), new RpmSpec("beta", "1.0-1"));
        Batteries_V2.Init();
        raw.sqlite3_open(system.DatabasePath, out var writer).ShouldBe(raw.SQLITE_OK);
        using (writer)
        {
            // Whoever still has the database open keeps what was committed in the log, as a build that dies does.
            Execute(writer, $"PRAGMA foreign_keys = OFF; PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; ATTACH '{newer.DatabasePath}' AS newer");
            Execute(writer, "BEGIN; DELETE FROM main.Packages; INSERT INTO main.Packages SELECT * FROM newer.Packages; COMMIT");
            new FileInfo(system.DatabasePath + "-wal").Length.ShouldBeGreaterThan(0);
            var tree = DirectoryTree.Read(system.RootPath);

            Names(tree).ShouldBe(["alpha 2.0-1", "beta 1.0-1"]);
            tree.Remove(Path + "-wal").ShouldBeTrue();
            Names(tree).ShouldBe(["alpha 1.0-1"], "without the log it is the old list, or the test shows nothing");
        }
    }

    [Fact]
    public void Keys_are_no_packages()
    {
        var system = new RpmSystem(_temp["rpm"]).Install(new RpmSpec("alpha", "1.0-1"), new RpmSpec("gpg-pubkey", "abcdef01-5f5e1000"));
        Names(DirectoryTree.Read(system.RootPath)).ShouldBe(["alpha 1.0-1"]);
    }

    [Fact]
    public void The_database_is_found_behind_links_and_the_copy_for_the_base_counts_only_where_it_is_alone()
    {
        var live = new RpmSystem(_temp["live"]).Install(new RpmSpec("alpha", "2.0-1"));
        var old = new RpmSystem(_temp["old"]).Install(new RpmSpec("alpha", "1.0-1"));
        var tree = new FileTree();
        var bytes = File.ReadAllBytes(live.DatabasePath);
        var file = new RegularFile { Content = FileContent.Of(bytes) };
        tree.Set("/usr/share/rpm/rpmdb.sqlite", file);
        tree.Set("/usr/lib/sysimage/rpm", new SymbolicLink { Target = "../../share/rpm"u8.ToArray() });
        tree.Set("/usr/lib/sysimage/rpm-ostree-base-db/rpmdb.sqlite", new RegularFile { Content = FileContent.Of(File.ReadAllBytes(old.DatabasePath)) });
        Names(tree).ShouldBe(["alpha 2.0-1"]);

        tree.Remove("/usr/lib/sysimage/rpm");
        tree.Set(Path, new RegularFile());
        Names(tree).ShouldBe(["alpha 2.0-1"], "an empty file is passed over");

        tree.Remove("/usr/share/rpm/rpmdb.sqlite");
        var copy = Read(tree);
        copy.Value!.Packages.ShouldHaveSingleItem().FullVersion.ShouldBe("1.0-1");
        copy.Diagnostics.ShouldHaveSingleItem().Rule.ShouldBe(InventoryRules.BaseCopy);
    }

    [Theory]
    [InlineData("/var/lib/rpm/Packages", "PL7001")]
    [InlineData("/usr/lib/sysimage/rpm/Packages.db", "PL7002")]
    public void Other_formats_are_named_and_cost_only_the_list(string path, string code)
    {
        var start = new byte[4096];
        if (code == "PL7001")
            BitConverter.GetBytes(0x00061561).CopyTo(start, 12);
        else
            "RpmP"u8.CopyTo(start);
        var tree = new FileTree();
        tree.Set(path, new RegularFile { Content = FileContent.Of(start) });
        tree.Set("/var/lib/dpkg/status", DirectoryTree.Of(("/x", "Package: a\nStatus: install ok installed\nVersion: 1\n")).Find("/x")!);
        var result = Read(tree);
        result.IsOk.ShouldBeTrue();
        result.Diagnostics.ShouldHaveSingleItem().Rule.Code.ShouldBe(code);
        result.Value!.Packages.ShouldHaveSingleItem().Name.ShouldBe("a");
        result.Value.Unreadable.ShouldHaveSingleItem().ShouldContain(path);
    }

    [Theory]
    [InlineData("not a database", null, "SQLite says")]
    [InlineData("no table", "CREATE TABLE Other(x)", "no table")]
    [InlineData("a view", "CREATE VIEW Packages AS SELECT 1 AS hnum, zeroblob(10) AS blob", "no table")]
    [InlineData("an endless view", "CREATE VIEW Packages AS WITH RECURSIVE r(hnum, blob) AS (SELECT 1, x'00' UNION ALL SELECT hnum + 1, blob FROM r) SELECT * FROM r", "no table")]
    [InlineData("an empty header", "CREATE TABLE Packages(hnum INTEGER PRIMARY KEY, blob BLOB); INSERT INTO Packages VALUES (1, x'')", "a header of 0 bytes")]
    [InlineData("a header of lies", "CREATE TABLE Packages(hnum INTEGER PRIMARY KEY, blob BLOB); INSERT INTO Packages VALUES (1, x'00000001ffffffff')", "says that it has")]
    [InlineData("a column that is computed for ever", "CREATE TABLE Packages(hnum INTEGER PRIMARY KEY, x, blob BLOB AS (zeroblob(500000000))); INSERT INTO Packages(x) VALUES (1)", "SQLite says")]
    public void Databases_of_somebody_who_means_harm_cost_only_the_list(string what, string? sql, string complaint)
    {
        var path = _temp["bad.sqlite"];
        if (sql is null)
            File.WriteAllText(path, what);
        else
            Execute(path, sql);
        var tree = new FileTree();
        tree.Set(Path, new RegularFile { Content = FileContent.Of(File.ReadAllBytes(path)) });
        var result = Read(tree);
        result.Value!.Packages.ShouldBeEmpty(what);
        var diagnostic = result.Diagnostics.ShouldHaveSingleItem();
        diagnostic.Rule.ShouldBe(InventoryRules.Unreadable);
        diagnostic.Message.ShouldContain(complaint);
        Directory.GetFileSystemEntries(_temp["scratch"]).ShouldBeEmpty();
    }

    /// <summary>A rollback journal may name another file, which SQLite would delete: it never comes near the copy.</summary>
    [Fact]
    public void A_journal_is_told_and_not_replayed()
    {
        var system = new RpmSystem(_temp["rpm"]).Install(new RpmSpec("alpha", "1.0-1"));
        var tree = DirectoryTree.Read(system.RootPath);
        tree.Set(Path + "-journal", new RegularFile { Content = FileContent.Of([0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7]) });
        var result = Read(tree);
        result.Value!.Packages.ShouldHaveSingleItem().Name.ShouldBe("alpha");
        result.Diagnostics.ShouldHaveSingleItem().Rule.ShouldBe(InventoryRules.Journal);
    }

    /// <summary>Bytes of a real database are changed at random places: whatever comes, it comes as a list or a warning.</summary>
    [Fact]
    public void Damage_never_gets_out()
    {
        const int seed = 20261121;
        var system = new RpmSystem(_temp["rpm"]).Install(new RpmSpec("alpha", "1.0-1") { Parts = ["libs"] });
        var sound = File.ReadAllBytes(system.DatabasePath);
        var random = new Random(seed);
        var warned = 0;
        for (var i = 0; i < 150; i++)
        {
            var bytes = (byte[])sound.Clone();
            for (var flips = random.Next(1, 200); flips > 0; flips--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            var tree = new FileTree();
            tree.Set(Path, new RegularFile { Content = FileContent.Of(bytes) });
            var result = Read(tree);
            result.IsOk.ShouldBeTrue($"seed {seed}, round {i}");
            warned += result.Diagnostics.IsEmpty ? 0 : 1;
        }
        warned.ShouldBeGreaterThan(0, "or nothing was damaged");
    }

    private ImmutableArray<string> Names(FileTree tree)
    {
        var result = Read(tree);
        result.Diagnostics.ShouldBeEmpty();
        return [.. result.Value!.Packages.Select(p => $"{p.Name} {p.FullVersion}")];
    }

    private Result<PackageInventory> Read(FileTree tree) => InventoryReader.Read(tree, Directory.CreateDirectory(_temp["scratch"]).FullName, Ct);

    private static void Execute(string path, string sql)
    {
        Batteries_V2.Init();
        raw.sqlite3_open(path, out var database).ShouldBe(raw.SQLITE_OK);
        using (database)
            Execute(database, sql);
    }

    private static void Execute(sqlite3 database, string sql) =>
        raw.sqlite3_exec(database, sql).ShouldBe(raw.SQLITE_OK, raw.sqlite3_errmsg(database).utf8_to_string());
}
