using Pipeline.Core.Files;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Building.Disks;

public sealed class SquashfsPartitionTests
{
    [Theory]
    [InlineData("content", "{type: squashfs, compression: xz, block: 1MiB}")]
    [InlineData("rest", "{type: squashfs, compression: gzip, level: 1}")]
    [InlineData("8MiB", "squashfs")]
    public void A_partition_holds_what_the_tree_has(string size, string fileSystem)
    {
        using var disk = new DiskBuild("{method: none}", $$"""
            {name: data, type: linux, filesystem: {{fileSystem}}, size: {{size}}, mount: /srv/data}
            {name: root, type: root, filesystem: {type: ext4}, size: 16MiB, mount: /}
            """.Replace("size: 16MiB", size == "rest" ? "size: 16MiB" : "size: rest", StringComparison.Ordinal));
        var expected = Ext4Trees.Torture();
        foreach (var (name, node) in expected.Root.Children)
            disk.Tree.Set($"/srv/data/{name}", node);
        disk.Tree.EnsureDirectory("/srv/data", default).Mtime = expected.Root.Mtime;
        disk.Tree.EnsureDirectory("/srv/data", default).Permissions = expected.Root.Permissions;
        disk.Tree.EnsureDirectory("/srv/data", default).Uid = expected.Root.Uid;

        var built = disk.Build();

        built.ShouldNotBeNull(string.Join('\n', disk.Bag.ToImmutable()));
        disk.Codes.ShouldBe(["PL4507"]);                            // the tree has one ACL
        var place = built.Map.Single(r => r.Name == "partition 1 data");
        Tool.Require("dd", "status=none", "bs=4096", $"skip={place.OffsetBytes / 4096}", $"count={place.LengthBytes / 4096}", $"if={built.Path}", $"of={disk["p"]}");
        SquashfsJudge.ShouldHold(disk["p"], expected);
        Tool.Require("sfdisk", "--json", built.Path).ShouldContain("GUID:60");
        Directory.EnumerateFiles(disk["out/squashfs"]).ShouldBeEmpty();
    }

    [Fact]
    public void A_partition_that_is_too_small_is_refused_and_leaves_nothing()
    {
        using var disk = new DiskBuild("{method: none}", "{name: root, type: root, filesystem: squashfs, size: 1MiB, mount: /}");
        disk.Tree.Set("/x", Ext4Trees.File(Ext4Trees.Bytes(2 << 20, 1)));

        disk.Build().ShouldBeNull();

        disk.Codes.ShouldBe(["PL4501"]);
        Directory.EnumerateFiles(disk["out"]).ShouldBeEmpty();
    }

    [Fact]
    public void Nothing_is_packed_when_another_partition_is_refused()
    {
        using var disk = new DiskBuild("{method: none}", """
            {name: root, type: root, filesystem: squashfs, size: content, mount: /}
            {name: data, type: linux, filesystem: {type: ext4}, size: 1MiB, mount: /srv}
            """);
        disk.Tree.Set("/srv/x", new RegularFile { Content = FileContent.Of(new MemorySource(new byte[2 << 20]), 0, 2 << 20) });
        disk.Tree.Set("/y", new RegularFile { Content = FileContent.Of(new MemorySource([]), 0, 100) });

        disk.Build().ShouldBeNull();

        disk.Codes.ShouldBe(["PL4401"]);                            // reading /y would have thrown
    }
}
