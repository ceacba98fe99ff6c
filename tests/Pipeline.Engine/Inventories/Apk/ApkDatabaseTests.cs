using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Inventories.Apk;

/// <summary>No package of Debian has apk, so these databases are written by hand after shared/spec/changelog.md §3.</summary>
public sealed class ApkDatabaseTests
{
    private const string Database = """
        C:Q1pDHbJ0P3GKnwsdZkZ4tSlnUyQh8=
        P:musl
        V:1.2.5-r0
        A:x86_64
        S:392103
        I:638976
        T:the musl c library (libc) implementation
        U:https://musl.libc.org/
        L:MIT
        o:musl
        m:Somebody <s@example.invalid>
        t:1709243513
        p:so:libc.musl-x86_64.so.1=1
        F:lib
        R:ld-musl-x86_64.so.1
        a:0:0:755
        Z:Q1lIFjqaF9ykNIZYlYFMFMlhIYqWU=

        C:Q1oXUZKVlf/6e2gA8aT0gm8P3rEGs=
        P:libssl3
        V:3.3.0_rc1-r12
        A:x86_64
        I:655360
        L:Apache-2.0
        o:openssl

        """;

    [Theory]
    [InlineData("/lib/apk/db/installed")]
    [InlineData("/usr/lib/apk/db/installed")]
    public void Records_are_read_from_both_places(string path)
    {
        var result = InventoryReader.Read(DirectoryTree.Of((path, Database)), "/", TestContext.Current.CancellationToken);
        result.Diagnostics.ShouldBeEmpty();
        result.Value!.Databases.ShouldBe([path]);
        result.Value.Packages.ShouldBe(
        [
            new Package(PackageManager.Apk, "libssl3", "x86_64", 0, "3.3.0_rc1", "12") { Source = "openssl", InstalledBytes = 655360, License = "Apache-2.0", Build = "Q1oXUZKVlf/6e2gA8aT0gm8P3rEGs=" },
            new Package(PackageManager.Apk, "musl", "x86_64", 0, "1.2.5", "0") { Source = "musl", InstalledBytes = 638976, License = "MIT", Url = "https://musl.libc.org/", Build = "Q1pDHbJ0P3GKnwsdZkZ4tSlnUyQh8=" },
        ]);
        result.Value.Packages.Select(p => p.FullVersion).ShouldBe(["3.3.0_rc1-r12", "1.2.5-r0"]);
    }

    [Theory]
    [InlineData("1.0-r3", "1.0", "3")]
    [InlineData("1.0-rc", "1.0-rc", "")]
    [InlineData("-r3", "-r3", "")]
    [InlineData("1.0-r", "1.0-r", "")]
    public void The_release_is_a_number_behind_r(string text, string version, string release) => ApkDatabase.Split(text).ShouldBe((version, release));
}
