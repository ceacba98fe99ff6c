using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Inventories.Dpkg;

public sealed class DpkgDatabaseTests : IDisposable
{
    private readonly TempDir _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void Every_package_is_as_dpkg_itself_says()
    {
        var system = new DpkgSystem(_temp["dpkg"])
            .Install("alpha", "1:2.0~rc1-1+deb12u3", "amd64", "Source: alpha-src (1:2.0~rc1-1)")
            .Install("libx", "1.0-2-3", "amd64", "Multi-Arch: same")
            .Install("libx", "1.0-2-3", "i386", "Multi-Arch: same")
            .Install("native", "20240101", "all")
            .Install("held", "1.0")
            .Install("gone", "1.0")
            .Remove("gone")
            .Hold("held");
        File.ReadAllText(System.IO.Path.Combine(system.RootPath, "var/lib/dpkg/status")).ShouldContain("deinstall ok config-files");

        var result = Read(DirectoryTree.Read(system.RootPath));

        result.Diagnostics.ShouldBeEmpty();
        var packages = result.Value!.Packages;
        packages.Select(p => $"{p.Name} {p.Architecture} {p.FullVersion}").ShouldBe(system.Query(), ignoreOrder: true);
        packages.Length.ShouldBe(5);
        packages[0].ShouldBe(new Package(PackageManager.Deb, "alpha", "amd64", 1, "2.0~rc1", "1+deb12u3") { Source = "alpha-src", InstalledBytes = 12 * 1024, Url = "https://example.invalid/alpha" });
        packages.Single(p => p is { Name: "libx", Architecture: "i386" }).Release.ShouldBe("3");
        packages.Single(p => p.Name == "native").Release.ShouldBe("");
    }

    [Fact]
    public void Images_without_dpkg_have_a_file_for_each_package()
    {
        var result = Read(DirectoryTree.Of(
            ("/var/lib/dpkg/status.d/base-files", "Package: base-files\nVersion: 12.4+deb12u5\nArchitecture: amd64\n"),
            ("/var/lib/dpkg/status.d/base-files.md5sums", "d41d8cd98f00b204e9800998ecf8427e  etc/x\n"),
            ("/var/lib/dpkg/status.d/libc6", "Package: libc6\r\nSource: glibc\r\nVersion: 2.36-9+deb12u4\r\nArchitecture: amd64\r\n\r\n")));
        result.Diagnostics.ShouldBeEmpty();
        result.Value!.Packages.Select(p => $"{p.Name} {p.FullVersion} {p.Source}").ShouldBe(["base-files 12.4+deb12u5 base-files", "libc6 2.36-9+deb12u4 glibc"]);
    }

    [Fact]
    public void Words_that_look_like_lines_do_not_make_packages()
    {
        var result = Read(DirectoryTree.Of(("/var/lib/dpkg/status", "Package: a\nStatus: install ok installed\nVersion: 1\nDescription: x\u2028\u2028Package: evil\u0085Version: 2\n Package: no\npackage: b\n")));
        result.Value!.Packages.ShouldHaveSingleItem().Name.ShouldBe("a");
    }

    [Fact]
    public void Entries_without_a_version_are_left_out_and_told()
    {
        var result = Read(DirectoryTree.Of(("/var/lib/dpkg/status", "Package: a\nStatus: install ok installed\n\nPackage: b\nStatus: install ok installed\nVersion: 1\nInstalled-Size: 99999999999999999999\n")));
        var package = result.Value!.Packages.ShouldHaveSingleItem();
        (package.Name, package.InstalledBytes).ShouldBe(("b", null));
        result.Diagnostics.ShouldHaveSingleItem().Rule.ShouldBe(InventoryRules.EntriesSkipped);
    }

    [Fact]
    public void A_file_that_is_too_large_costs_only_the_list()
    {
        var tree = new FileTree();
        tree.Set("/var/lib/dpkg/status", new RegularFile { Content = FileContent.Sparse(null, 1L << 40, []) });
        var result = Read(tree);
        result.Value!.Packages.ShouldBeEmpty();
        result.Diagnostics.ShouldHaveSingleItem().Rule.ShouldBe(InventoryRules.Unreadable);
    }

    [Fact]
    public void The_database_of_the_machine_that_runs_this_is_read_whole()
    {
        var tree = new FileTree();
        tree.Set("/var/lib/dpkg/status", new RegularFile { Content = FileContent.Of(File.ReadAllBytes("/var/lib/dpkg/status")) });
        var told = Tool.Require("dpkg-query", "-W", "-f", "${db:Status-Status}:${Package} ${Architecture} ${Version} ${source:Package}\\n");
        var packages = Read(tree).Value!.Packages;
        packages.Length.ShouldBeGreaterThan(50);
        packages.Select(p => $"installed:{p.Name} {p.Architecture} {p.FullVersion} {p.Source}")
            .ShouldBe(told.Split('\n').Where(l => l.StartsWith("installed:", StringComparison.Ordinal)), ignoreOrder: true);
    }

    private Result<PackageInventory> Read(FileTree tree) =>
        InventoryReader.Read(tree, Directory.CreateDirectory(_temp["scratch"]).FullName, TestContext.Current.CancellationToken);
}
