using Pipeline.Core.Files;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Building.Disks;

public sealed class MountPointsTests
{
    private const string Many = """
        {name: home, type: home, filesystem: {type: ext4}, size: 64MiB, mount: /home}
        {name: root, type: root, filesystem: {type: ext4}, size: rest, mount: /}
        {name: var, type: var, filesystem: {type: ext4}, size: 64MiB, mount: /var}
        {name: swap, type: swap, filesystem: {type: swap}, size: 8MiB}
        {name: log, type: linux, filesystem: {type: ext4}, size: 64MiB, mount: /var/log}
        """;

    [Fact]
    public void What_lies_under_a_mount_point_goes_to_its_partition()
    {
        using var disk = new DiskBuild("{method: none}", Many).With("/etc/x", "/home/me/file", "/var/lib/db", "/var/log/messages", "/homework/no");

        Names(disk).ShouldBe(["/me,/me/file", "/etc,/etc/x,/home,/homework,/homework/no,/var", "/lib,/lib/db,/log", "", "/messages"]);
    }

    [Fact]
    public void A_mount_point_behind_a_link_lies_where_the_link_leads()
    {
        using var disk = new DiskBuild("{method: none}", Many).With(("/var/home/me/file", "x"), ("/home", "-> var/home"), ("/var/log/", ""));

        Names(disk).ShouldBe(["/me,/me/file", "/home,/var", "/home,/log", "", ""]);
    }

    [Fact]
    public void A_hard_link_across_the_cut_becomes_two_files_and_one_inside_stays_one()
    {
        using var disk = new DiskBuild("{method: none}", Many).With("/etc/a", "/home/x/", "/var/log/");
        disk.Tree.Set("/home/b", disk.Tree.Find("/etc/a")!);
        disk.Tree.Set("/home/c", disk.Tree.Find("/etc/a")!);

        var parts = disk.Mounts.Split(disk.Tree, DiskBuild.Clock);

        parts[0].Find("/b").ShouldBeSameAs(parts[0].Find("/c"));
        parts[1].Find("/etc/a").ShouldBeOfType<RegularFile>();
    }

    [Theory]
    [InlineData("/etc/x", "/", "/etc/x")]
    [InlineData("/var", "/var", "/")]
    [InlineData("/var/lib/x", "/var", "/lib/x")]
    [InlineData("/var/log/x", "/var/log", "/x")]
    [InlineData("/variable", "/", "/variable")]
    public void A_path_has_one_holder(string path, string holder, string inside)
    {
        using var disk = new DiskBuild("{method: none}", Many);

        var mount = disk.Mounts.Holding(path)!;

        (mount.Path, mount.Inside(path)).ShouldBe((holder, inside));
    }

    private static string[] Names(DiskBuild disk) =>
        [.. disk.Mounts.Resolve(disk.Tree).Split(disk.Tree, DiskBuild.Clock).Select(t => string.Join(',', t.Walk().Select(n => n.Path)))];
}
