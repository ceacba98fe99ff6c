using System.Collections.Immutable;
using Pipeline.Core.Files;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Building.Rootfs;

public sealed class RootfsCustomizerTests
{
    private const string Passwd = "root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1::/:/bin/false\nme:x:1000:1000::/home/me:/bin/sh\n";
    private const string Group = "root:x:0:\ndaemon:x:1:\nsudo:x:27:me\nme:x:1000:\n";

    [Fact]
    public void A_system_is_made_as_the_manifest_says()
    {
        using var disk = System();
        disk.Customization = new()
        {
            Hostname = "kiosk",
            Locale = "de_DE.UTF-8",
            Timezone = "Europe/Berlin",
            Users = [User("me", groups: ["sudo", "video"]), User("new", keys: ["ssh-ed25519 AAAA me@here"], hash: "$6$x$y", groups: ["sudo"])],
            Files =
            [
                new("/etc/motd", null, "hello\n", null, null, "root", "root", null),
                new("/srv/www", null, null, null, 0b111_000_000, "daemon", "27", null),
                new("/opt/tool", null, null, "/usr/bin/tool", null, "root", "root", null),
                new("/etc/secret", null, "s", null, 0b110_000_000, "new", "sudo", null),
            ],
        };

        disk.Customise().Codes.ShouldBeEmpty();

        Golden.Match("system.txt", disk.Tree.ToListing() + "\n"
            + string.Concat(new[] { "hostname", "locale.conf", "default/locale", "passwd", "shadow", "group", "gshadow", "timezone" }.Select(f => $"== {f}\n{disk.Text("/etc/" + f)}")));
    }

    [Fact]
    public void An_empty_tree_gets_what_a_kernel_mounts_over()
    {
        using var disk = new DiskBuild("{method: none}").Customise();

        disk.Codes.ShouldBeEmpty();
        string.Join(' ', disk.Tree.Walk().Select(n => n.Path)).ShouldBe("/boot /boot/efi /dev /etc /etc/fstab /etc/machine-id /proc /run /sys /tmp");
        disk.Tree.Find("/tmp")!.Permissions.ShouldBe((ushort)0b001_111_111_111);
    }

    [Fact]
    public void The_machine_id_is_emptied_and_its_copy_goes()
    {
        using var disk = new DiskBuild("{method: none}").With(("/etc/machine-id", "0123\n"), ("/var/lib/dbus/machine-id", "0123\n")).Customise();
        disk.Text("/etc/machine-id").ShouldBe("");
        disk.Tree.Find("/var/lib/dbus/machine-id").ShouldBeNull();

        using var kept = new DiskBuild("{method: none}").With(("/etc/machine-id", "0123\n"));
        kept.Customization = new() { ResetMachineId = false };
        kept.Customise().Text("/etc/machine-id").ShouldBe("0123\n");
    }

    [Fact]
    public void A_hard_link_to_an_edited_file_keeps_its_content()
    {
        using var disk = new DiskBuild("{method: none}").With(("/etc/hostname", "old\n"));
        disk.Tree.Set("/etc/hostname.dpkg", disk.Tree.Find("/etc/hostname")!);
        disk.Customization = new() { Hostname = "new" };

        disk.Customise().Text("/etc/hostname").ShouldBe("new\n");
        disk.Text("/etc/hostname.dpkg").ShouldBe("old\n");
    }

    [Fact]
    public void Links_that_lead_nowhere_yet_are_the_way_of_ostree()
    {
        using var disk = new DiskBuild("{method: none}").With(("/tmp", "-> sysroot/tmp"), ("/root", "-> var/roothome"), ("/home", "-> var/home"), ("/etc/passwd", Passwd), ("/etc/group", Group));
        disk.Customization = new()
        {
            Users = [User("root", keys: ["k"]), User("new", keys: ["k"])],
            Files = [new("/home/new/x", null, "x", null, null, "new", "new", null)],
        };

        disk.Customise().Codes.ShouldBeEmpty();

        disk.Tree.Find("/tmp", followLast: false).ShouldBeOfType<SymbolicLink>();
        disk.Text("/var/roothome/.ssh/authorized_keys").ShouldBe("k\n");
        disk.Text("/var/home/new/.ssh/authorized_keys").ShouldBe("k\n");
        disk.Text("/var/home/new/x").ShouldBe("x");
        (disk.Tree.Find("/var/roothome")!.Permissions, disk.Tree.Find("/var/home/new")!.Uid).ShouldBe(((ushort)0b111_000_000, 1001u));
    }

    [Fact]
    public void Groups_of_packages_move_to_etc_when_they_change()
    {
        using var disk = System().With(("/usr/lib/group", "wheel:x:10:\nimage:x:1001:\n"), ("/usr/lib/passwd", "image:x:1001:1001::/:/bin/false\n"));
        disk.Customization = new() { Users = [User("new", groups: ["wheel"])], Files = [new("/x", null, "", null, null, "image", "wheel", null)] };

        disk.Customise().Codes.ShouldBeEmpty();

        disk.Text("/etc/group")!.ShouldContain("wheel:x:10:new\n");
        disk.Text("/etc/passwd")!.ShouldContain("new:x:1002:1002:");
        (disk.Tree.Find("/x")!.Uid, disk.Tree.Find("/x")!.Gid).ShouldBe((1001u, 10u));
    }

    [Fact]
    public void What_a_source_does_not_have_is_told()
    {
        using var disk = new DiskBuild("{method: none}").With(("/etc/passwd", Passwd));
        disk.Customization = new()
        {
            Timezone = "Mars/Olympus",
            Users = [User("a", uid: 1), User("me", uid: 5)],
            Files = [new("/x", null, "", null, null, "nobody", "root", null), new("/y", disk["gone"], null, null, null, "0", "0", null)],
        };

        disk.Customise().Codes.ShouldBe(["PL4081", "PL4084", "PL4083", "PL4080", "PL4086"]);
    }

    [Theory]
    [InlineData("a file as a parent", "/etc/hosts/x", "/etc/hosts is not a directory")]
    [InlineData("a directory in its place", "/etc", "it is a directory of the source")]
    [InlineData("a loop of links", "/loop/x", "/loop is not a directory")]
    public void What_cannot_be_written_is_told(string what, string path, string why)
    {
        using var disk = new DiskBuild("{method: none}").With(("/etc/hosts", "h"), ("/loop", "-> loop"));
        disk.Customization = new() { Files = [new(path, null, "x", null, null, "0", "0", null)] };

        disk.Customise().Codes.ShouldBe(["PL4082"], what);
        disk.Bag.ToImmutable()[0].Message.ShouldBe($"'{path}' cannot be written: {why}", what);
        disk.Text("/etc/hosts").ShouldBe("h");
    }

    [Theory]
    [InlineData("/etc/passwd")]
    [InlineData("/etc/shadow")]
    public void Accounts_that_would_be_lost_stop_the_build(string path)
    {
        using var disk = System();
        ((RegularFile)disk.Tree.Find(path)!).Content = FileContent.Of([.. "root:x:0:0:r"u8, 0xE9, .. "mi:/root:/bin/sh\n"u8]);
        disk.Customization = new() { Users = [User("new")] };

        disk.Customise().Codes.ShouldBe(["PL4085"]);
        disk.Bag.ToImmutable()[0].Message.ShouldBe($"{path} of the source cannot be read: it is not UTF-8");
    }

    [Fact]
    public void A_file_that_is_executable_stays_so()
    {
        using var disk = new DiskBuild("{method: none}");
        File.WriteAllText(disk["run"], "#!/bin/sh\n");
        Tool.Require("chmod", "500", disk["run"]);
        disk.Customization = new() { Files = [new("/usr/bin/run", disk["run"], null, null, null, "0", "0", null), new("/usr/bin/off", disk["run"], null, null, 0b100_000_000, "7", "8", null)] };

        disk.Customise().Codes.ShouldBeEmpty();

        disk.Tree.Find("/usr/bin/run")!.Permissions.ShouldBe((ushort)0b111_101_101);
        var off = disk.Tree.Find("/usr/bin/off")!;
        (off.Permissions, off.Uid, off.Gid).ShouldBe(((ushort)0b100_000_000, 7u, 8u));
    }

    private static DiskBuild System() => new DiskBuild("{method: none}").With(
        ("/etc/passwd", Passwd), ("/etc/group", Group), ("/etc/shadow", "root:!:19000:0:99999:7:::\nme:$y$old:19000:0:99999:7:::\n"), ("/etc/gshadow", "root:*::\nsudo:*::me\n"),
        ("/etc/hostname", "old\n"), ("/etc/default/locale", "LANG=C\n"), ("/etc/timezone", "UTC\n"), ("/usr/share/zoneinfo/Europe/Berlin", "tz"),
        ("/etc/skel/.profile", "p\n"), ("/bin/bash", "b"), ("/home/me/.profile", "mine"));

    private static User User(string name, uint? uid = null, string[]? keys = null, string? hash = null, string[]? groups = null) =>
        new(name, uid, hash, [.. keys ?? []], [.. groups ?? []], null, null, null);
}
