using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Inventories.Pacman;

public sealed class PacmanDatabaseTests : IDisposable
{
    private readonly TempDir _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void Packages_of_a_database_that_pacman_made_are_read()
    {
        var system = new PacmanSystem(_temp["arch"]).Install("hello", "1:2.0-1", "hello-base").Install("zlib", "1.3.1-2", "zlib");
        var result = InventoryReader.Read(DirectoryTree.Read(system.RootPath), _temp.Path, TestContext.Current.CancellationToken);
        result.Diagnostics.ShouldBeEmpty();
        result.Value!.Packages.ShouldBe(
        [
            new Package(PackageManager.Alpm, "hello", "x86_64", 1, "2.0", "1") { Source = "hello-base", InstalledBytes = 4096, License = "GPL-2.0-or-later AND MIT", Url = "https://example.invalid/hello", Build = "1700000000" },
            new Package(PackageManager.Alpm, "zlib", "x86_64", 0, "1.3.1", "2") { Source = "zlib", InstalledBytes = 4096, License = "GPL-2.0-or-later AND MIT", Url = "https://example.invalid/zlib", Build = "1700000000" },
        ]);
    }
}
