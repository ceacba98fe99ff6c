using System.Text;
using Pipeline.Core.Files;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Building.Labels;

public sealed class SelinuxLabelsTests
{
    private const string Files = "/etc/selinux/targeted/contexts/files/file_contexts";
    private const string Rules = "/.* u:r:default_t:s0\n/ u:r:root_t:s0\n/etc(/.*)? u:r:etc_t:s0\n/tmp/.* <<none>>\n/boot(/.*)? u:r:boot_t:s0\n";

    [Fact]
    public void Files_of_the_image_carry_the_labels_of_the_policy()
    {
        using var disk = Disk().With(("/etc/x", "x"), ("/usr/y", "y"), ("/tmp/z", "z"), ("/boot/efi/EFI/BOOT/BOOTX64.EFI", "e"));
        var built = disk.Build().ShouldNotBeNull(string.Join('\n', disk.Bag.ToImmutable()));

        Label(disk, "/").ShouldBe("u:r:root_t:s0\0");
        Label(disk, "/etc/x").ShouldBe("u:r:etc_t:s0\0");
        Label(disk, "/usr/y").ShouldBe("u:r:default_t:s0\0");
        Label(disk, "/tmp/z").ShouldBeNull();
        // Written by the engine, and labelled like all others.
        Label(disk, "/etc/fstab").ShouldBe("u:r:etc_t:s0\0");
        var root = built.Map.Single(r => r.Name == "partition 2 root");
        E2fs.Debugfs($"{built.Path}?offset={root.OffsetBytes}", "ea_get /etc/x security.selinux").ShouldContain("\"u:r:etc_t:s0\\000\"");
    }

    [Theory]
    [InlineData("a policy by its name", "SELINUXTYPE=mls\nSELINUX=permissive\n", "/etc/selinux/mls/contexts/files/file_contexts", true)]
    [InlineData("no settings", null, Files, true)]
    [InlineData("switched off", "SELINUX=disabled\n", Files, false)]
    [InlineData("another policy than the one that is there", "SELINUXTYPE=mls\n", Files, false)]
    [InlineData("a type that is a path", "SELINUXTYPE=../selinux/targeted\n", Files, false)]
    public void The_settings_decide(string what, string? config, string place, bool expected)
    {
        using var disk = new DiskBuild("{method: none}").With((place, Rules), ("/etc/x", "x"));
        if (config is not null)
            disk.With(("/etc/selinux/config", config));

        SelinuxLabels.Apply(disk.Job, disk.Tree, disk.Mounts, disk.Bag);

        Label(disk, "/etc/x").ShouldBe(expected ? "u:r:etc_t:s0\0" : null, what);
    }

    [Fact]
    public void The_policy_is_asked_about_labels_of_layers_too()
    {
        using var disk = Disk().With(("/etc/x", "x"), ("/tmp/z", "z"));
        foreach (var path in new[] { "/etc/x", "/tmp/z" })
            disk.Tree.Find(path)!.Xattrs = [new("security.selinux", "old\0"u8.ToArray()), new("user.a", [1])];

        SelinuxLabels.Apply(disk.Job, disk.Tree, disk.Mounts, disk.Bag);

        Label(disk, "/etc/x").ShouldBe("u:r:etc_t:s0\0");
        Label(disk, "/tmp/z").ShouldBe("old\0");
        disk.Tree.Find("/etc/x")!.Xattrs.Select(x => x.Name).ShouldBe(["security.selinux", "user.a"]);
    }

    [Fact]
    public void A_rule_that_cannot_be_read_is_told()
    {
        using var disk = new DiskBuild("{method: none}").With((Files, Rules + "/etc/(a)\\1 u:r:x:s0\n"), ("/etc/aa", "x"));

        SelinuxLabels.Apply(disk.Job, disk.Tree, disk.Mounts, disk.Bag);

        disk.Codes.ShouldBe(["PL4075"]);
        Label(disk, "/etc/aa").ShouldBe("u:r:etc_t:s0\0");
    }

    private static DiskBuild Disk() => new DiskBuild("{method: none}").With((Files, Rules));

    private static string? Label(DiskBuild disk, string path) =>
        disk.Tree.Find(path)!.Xattrs.FirstOrDefault(x => x.Name == SelinuxLabels.AttributeName) is { } label ? Encoding.ASCII.GetString(label.Value) : null;
}
