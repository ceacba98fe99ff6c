using Pipeline.Core.Files;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Building.Rootfs;

public sealed class FstabTests
{
    private const string Systemd = "/usr/lib/systemd/systemd";

    private const string Many = """
        {name: esp, type: esp, filesystem: {type: fat, id: "1234abcd"}, size: 64MiB, mount: /boot/efi}
        {name: root, type: root, filesystem: {type: ext4, id: 11111111-2222-3333-4444-555555555555}, size: rest, mount: /, flags: [grow, read-only]}
        {name: swap, type: swap, filesystem: {type: swap, id: 22222222-2222-3333-4444-555555555555}, size: 8MiB}
        {name: odd, type: linux, filesystem: {type: ext4, id: 33333333-2222-3333-4444-555555555555}, size: 64MiB, mount: "/a place"}
        """;

    [Fact]
    public void It_says_the_layout()
    {
        using var disk = new DiskBuild("{method: none}", Many).With(("/etc/fstab", "# old\n")).Customise();

        Golden.Match("fstab.txt", disk.Text("/etc/fstab")!);
    }

    [Theory]
    [InlineData("{type: gpt}", "PARTUUID=11111111-2222-3333-4444-555555555555")]
    [InlineData("{type: mbr, id: 1a2b3c4d}", "PARTUUID=1a2b3c4d-01")]
    public void A_squashfs_is_named_by_its_partition_and_never_written_to(string table, string expected)
    {
        var id = table.Contains("gpt", StringComparison.Ordinal) ? ", id: 11111111-2222-3333-4444-555555555555" : "";
        using var disk = new DiskBuild("{method: none}", $"{{name: root, type: linux, filesystem: squashfs, size: content, mount: /{id}}}", table: table).Customise();

        disk.Text("/etc/fstab").ShouldBe($"# Written from the layout of the disk.\n{expected} / squashfs defaults,ro 0 0\n");
    }

    [Fact]
    public void An_erofs_is_named_by_its_identifier_and_never_written_to()
    {
        using var disk = new DiskBuild("{method: none}", "{name: root, type: root, filesystem: {type: erofs, id: 11111111-2222-4333-8444-555555555555}, size: content, mount: /}").Customise();

        disk.Text("/etc/fstab").ShouldBe("# Written from the layout of the disk.\nUUID=11111111-2222-4333-8444-555555555555 / erofs defaults,ro 0 0\n");
    }

    [Theory]
    [InlineData(true, true, "x-systemd.growfs")]
    [InlineData(false, true, "")]
    [InlineData(true, false, "")]
    public void Growth_is_asked_of_systemd_only(bool hasSystemd, bool grows, string expected)
    {
        using var disk = new DiskBuild("{method: none}").With(hasSystemd ? [Systemd] : []);
        disk.Customization = new() { GrowOnFirstBoot = grows };

        var root = disk.Customise().Text("/etc/fstab")!.Split('\n').Single(l => l.Contains(" / ", StringComparison.Ordinal));

        root.ShouldEndWith($" / ext4 defaults{(expected.Length > 0 ? "," + expected : "")} 0 1");
    }

    [Theory]
    [InlineData("the first of its type", null, "/usr/bin/systemd-repart", true)]
    [InlineData("its own rules stay", null, "/usr/bin/systemd-repart /usr/lib/repart.d/10-x.conf", false)]
    [InlineData("no systemd-repart", null, "/usr/bin/true", false)]
    [InlineData("another partition of the type before it", "{name: a, type: linux, filesystem: ext4, size: 64MiB}\n{name: root, type: linux, filesystem: ext4, size: rest, mount: /, flags: [grow]}", "/usr/bin/systemd-repart", false)]
    public void Repart_enlarges_only_the_root(string what, string? partitions, string files, bool expected)
    {
        using var disk = new DiskBuild("{method: none}", partitions).With(files.Split(' ')).Customise();

        disk.Text("/etc/repart.d/50-root.conf").ShouldBe(expected ? "[Partition]\nType=4f68bce3-e8cd-4db1-96e7-fbcaf984b709\n" : null, what);
    }

    [Theory]
    [InlineData("nothing that grows", "{type: gpt}", "", "PL4077")]
    [InlineData("systemd-repart", "{type: gpt}", "/usr/bin/systemd-repart", "")]
    [InlineData("systemd-repart on an MBR", "{type: mbr}", "/usr/bin/systemd-repart", "PL4077")]
    [InlineData("cloud-init on an MBR", "{type: mbr}", "/usr/bin/growpart /usr/bin/cloud-init", "")]
    public void A_root_that_cannot_grow_is_told(string what, string table, string files, string codes)
    {
        using var disk = new DiskBuild("{method: none}", "{name: root, type: root, filesystem: ext4, size: rest, mount: /, flags: [grow]}", table: table)
            .With([Systemd, .. files.Split(' ', StringSplitOptions.RemoveEmptyEntries)]).Customise();

        string.Join(' ', disk.Codes).ShouldBe(codes, what);
    }

    [Fact]
    public void Repart_knows_no_mbr()
    {
        using var disk = new DiskBuild("{method: none}", "{name: root, type: linux, filesystem: ext4, size: rest, mount: /, flags: [grow]}", table: "{type: mbr}").With("/usr/bin/systemd-repart").Customise();

        disk.Tree.Find("/etc/repart.d").ShouldBeNull();
    }

    [Theory]
    [InlineData(FstabPolicy.Keep, "# old\n")]
    [InlineData(FstabPolicy.Discoverable, null)]
    public void The_policy_decides(FstabPolicy policy, string? expected)
    {
        using var disk = new DiskBuild("{method: none}").With(("/etc/fstab", "# old\n"));
        disk.Customization = new() { Fstab = policy };

        disk.Customise().Text("/etc/fstab").ShouldBe(expected);
    }
}
