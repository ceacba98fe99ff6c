using Shouldly;
using Xunit;

namespace Pipeline.Engine.Inventories.Changes;

public sealed class PackageDiffTests
{
    [Theory]
    [InlineData("nothing", "a 1-1", "a 1-1", "")]
    [InlineData("up", "a 1-1", "a 2-1", "Upgraded a 1-1 > 2-1")]
    [InlineData("down", "a 2-1", "a 1-9", "Downgraded a 2-1 > 1-9")]
    [InlineData("a release is up", "a 1-1.fc40", "a 1-2.fc40", "Upgraded a 1-1.fc40 > 1-2.fc40")]
    [InlineData("an epoch counts first", "a 9-1", "a 1:1-1", "Upgraded a 9-1 > 1:1-1")]
    [InlineData("came and went", "a 1-1", "b 1-1", "Removed a 1-1 >; Added b > 1-1")]
    [InlineData("another build", "a 1-1=x", "a 1-1=y", "Rebuilt a 1-1 > 1-1")]
    [InlineData("another architecture", "a.i686 1-1", "a.x86_64 2-1", "ArchitectureChanged a 1-1 > 2-1")]
    [InlineData("a second architecture", "a.i686 1-1", "a.i686 1-1;a.x86_64 1-1", "Added a > 1-1")]
    [InlineData("kernels move on", "k 1-1;k 2-1", "k 2-1;k 10-1", "Upgraded k 1-1, 2-1 > 2-1, 10-1")]
    [InlineData("an old kernel went", "k 1-1;k 2-1", "k 2-1", "Removed k 1-1, 2-1 > 2-1")]
    [InlineData("an old kernel came", "k 2-1", "k 1-1;k 2-1", "Added k 2-1 > 1-1, 2-1")]
    [InlineData("the newest kernel went", "k 1-1;k 2-1", "k 1-1", "Downgraded k 1-1, 2-1 > 1-1")]
    [InlineData("names that differ in letters", "a 1-1;B 1-1", "a 1-1;B 2-1", "Upgraded B 1-1 > 2-1")]
    [InlineData("equal to the manager", "a 2_0-1", "a 2.0-1", "Changed a 2_0-1 > 2.0-1")]
    public void What_became_of_a_package(string what, string old, string now, string changes) =>
        string.Join("; ", PackageDiff.Compare(Rpms(old), Rpms(now)).Select(c => $"{c.Kind} {c.Name} {string.Join(", ", c.Old)} > {string.Join(", ", c.New)}".Replace("  ", " ", StringComparison.Ordinal).TrimEnd())).ShouldBe(changes, what);

    [Fact]
    public void A_binary_only_upload_of_debian_is_a_rebuild()
    {
        Package Deb(string revision) => new(PackageManager.Deb, "a", "amd64", 0, "1.0", revision);
        Kind(Deb("1"), Deb("1+b1")).ShouldBe(ChangeKind.Rebuilt);
        Kind(Deb("1+b1"), Deb("1+b2")).ShouldBe(ChangeKind.Rebuilt);
        Kind(Deb("1"), Deb("1+deb12u1")).ShouldBe(ChangeKind.Upgraded);
        Kind(Deb("1~deb12u1"), Deb("1")).ShouldBe(ChangeKind.Upgraded);
    }

    [Fact]
    public void Versions_that_alpine_cannot_order_are_a_change_without_a_direction() =>
        Kind(new(PackageManager.Apk, "a", "x86_64", 0, "1.0bc", "0"), new(PackageManager.Apk, "a", "x86_64", 0, "1.1", "0")).ShouldBe(ChangeKind.Changed);

    [Fact]
    public void Turned_round_an_upgrade_is_a_downgrade()
    {
        var (old, now) = (Rpms("a 1-1;b 1-1;c 1-1;k 1-1;k 2-1"), Rpms("a 2-1;b 0-1;d 1-1;k 2-1;k 3-1"));
        var there = PackageDiff.Compare(old, now);
        var back = PackageDiff.Compare(now, old);
        there.Zip(back).ShouldAllBe(p => p.First.Name == p.Second.Name && p.First.Old.SequenceEqual(p.Second.New) && p.Second.Kind == Opposite(p.First.Kind));
    }

    [Fact]
    public void Packages_of_one_source_that_moved_together_are_one_row()
    {
        var old = PackageInventory.Of([Of("mesa-gl", "1", "mesa"), Of("mesa-dri", "1", "mesa"), Of("mesa-vulkan", "0", "mesa"), Of("zlib", "1", "zlib")], []);
        var now = PackageInventory.Of([Of("mesa-gl", "2", "mesa"), Of("mesa-dri", "2", "mesa"), Of("mesa-vulkan", "2", "mesa"), Of("zlib", "0", "zlib")], []);
        SourceRow.Group(PackageDiff.Compare(old, now)).Select(r => $"{r.Kind} {r.Source}: {string.Join(' ', r.Changes.Select(c => c.Name))}")
            .ShouldBe(["Upgraded mesa: mesa-dri mesa-gl", "Upgraded mesa: mesa-vulkan", "Downgraded zlib: zlib"]);
    }

    [Theory]
    [InlineData("kernel-core", "kernel")]
    [InlineData("linux-image-6.1.0-28-amd64", "kernel")]
    [InlineData("linux-image", null)]
    [InlineData("grub-efi-amd64", "bootloader")]
    [InlineData("amd-gpu-firmware", "firmware")]
    [InlineData("mesa-dri", "package")]
    [InlineData("mesa", null)]
    [InlineData("bash", null)]
    public void Some_names_are_looked_for_first(string name, string? group) => Highlights.GroupOf(name, ["mesa-*", "podman"]).ShouldBe(group);

    private static ChangeKind Kind(Package old, Package now) =>
        PackageDiff.Compare(PackageInventory.Of([old], []), PackageInventory.Of([now], [])).ShouldHaveSingleItem().Kind;

    private static ChangeKind Opposite(ChangeKind kind) => kind switch
    {
        ChangeKind.Upgraded => ChangeKind.Downgraded,
        ChangeKind.Downgraded => ChangeKind.Upgraded,
        ChangeKind.Added => ChangeKind.Removed,
        ChangeKind.Removed => ChangeKind.Added,
        _ => kind,
    };

    private static Package Of(string name, string version, string source) => new(PackageManager.Rpm, name, "x86_64", 0, version, "1") { Source = source };

    /// <summary><c>NAME[.ARCHITECTURE] [EPOCH:]VERSION-RELEASE[=BUILD]</c>, with semicolons between.</summary>
    private static PackageInventory Rpms(string text) => PackageInventory.Of(text.Split(';').Select(p =>
    {
        var (name, rest) = (p.Split(' ')[0], p.Split(' ')[1].Split('='));
        var (epoch, version, release) = Dpkg.DpkgDatabase.Split(rest[0]);
        return new Package(PackageManager.Rpm, name.Split('.')[0], name.Contains('.') ? name.Split('.')[1] : "x86_64", epoch, version, release) { Build = rest.Length > 1 ? rest[1] : "" };
    }), []);
}
