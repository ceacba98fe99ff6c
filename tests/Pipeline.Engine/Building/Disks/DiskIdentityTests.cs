using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Building.Disks;

public sealed class DiskIdentityTests
{
    [Fact]
    public void Identifiers_follow_from_the_seed_alone()
    {
        using var disk = new DiskBuild("{method: none}");

        var once = DiskIdentity.Of(disk.Board, [1]);
        var again = DiskIdentity.Of(disk.Board with { Name = "other" }, [1]);
        var other = DiskIdentity.Of(disk.Board, [2]);

        Texts(again).ShouldBe(Texts(once));
        Texts(once).Intersect(Texts(other)).ShouldBeEmpty();
        Texts(once).Distinct().Count().ShouldBe(Texts(once).Length);
    }

    [Fact]
    public void Given_identifiers_are_taken()
    {
        using var disk = new DiskBuild("{method: none}", """
            {name: esp, type: esp, filesystem: {type: fat, id: "1234abcd"}, size: 64MiB, mount: /boot/efi, id: 11111111-2222-3333-4444-555555555555}
            {name: root, type: root, filesystem: {type: ext4, id: 99999999-2222-3333-4444-555555555555}, size: rest, mount: /}
            """, table: "{type: gpt, id: 77777777-2222-3333-4444-555555555555}");

        disk.Identity.DiskGuid.ShouldBe(Guid.Parse("77777777-2222-3333-4444-555555555555"));
        disk.Identity.Partitions[0].PartUuid.ShouldBe("11111111-2222-3333-4444-555555555555");
        disk.Identity.Partitions[0].FileSystemUuid.ShouldBe("1234-ABCD");
        disk.Identity.Partitions[1].FileSystemUuid.ShouldBe("99999999-2222-3333-4444-555555555555");
    }

    [Fact]
    public void An_mbr_names_partitions_by_signature_and_number()
    {
        using var disk = new DiskBuild("{method: none}", """
            {name: loader, type: raw, size: 1MiB}
            {name: root, type: linux, filesystem: ext4, size: rest, mount: /}
            """, "linux/arm/v7", "{type: mbr, id: \"0x0badcafe\"}");

        disk.Identity.MbrSignature.ShouldBe(0x0BAD_CAFEu);
        disk.Identity.Partitions.Select(p => p.PartUuid).ShouldBe(["0badcafe-01", "0badcafe-02"]);
        disk.Identity.Partitions[0].FileSystemUuid.ShouldBeNull();
    }

    private static string[] Texts(DiskIdentity identity) =>
        [$"{identity.DiskGuid}", $"{identity.MbrSignature:x8}", .. identity.Partitions.SelectMany(p => new[] { p.PartUuid, p.FileSystemUuid! })];
}
