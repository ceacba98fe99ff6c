using Pipeline.Core.Files;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Building.Disks;

public sealed class ErofsPartitionTests
{
    [Theory]
    [InlineData("content", "{type: erofs, label: data, id: 11111111-2222-4333-8444-555555555555}")]
    [InlineData("rest", "erofs")]
    [InlineData("8MiB", "{type: erofs, compression: none}")]
    public void A_partition_holds_what_the_tree_has(string size, string fileSystem)
    {
        using var disk = new DiskBuild("{method: none}", $$"""
            {name: data, type: linux, filesystem: {{fileSystem}}, size: {{size}}, mount: /srv/data}
            {name: root, type: root, filesystem: {type: ext4}, size: {{(size == "rest" ? "16MiB" : "rest")}}, mount: /}
            """);
        var expected = Ext4Trees.Torture();
        foreach (var (name, node) in expected.Root.Children)
            disk.Tree.Set($"/srv/data/{name}", node);
        var root = disk.Tree.EnsureDirectory("/srv/data", default);
        (root.Mtime, root.Permissions, root.Uid) = (expected.Root.Mtime, expected.Root.Permissions, expected.Root.Uid);

        var built = disk.Build();

        built.ShouldNotBeNull(string.Join('\n', disk.Bag.ToImmutable()));
        disk.Codes.ShouldBeEmpty();
        var place = built.Map.Single(r => r.Name == "partition 1 data");
        Tool.Require("dd", "status=none", "bs=4096", $"skip={place.OffsetBytes / 4096}", $"count={place.LengthBytes / 4096}", $"if={built.Path}", $"of={disk["p"]}");
        ErofsJudge.ShouldHold(disk["p"], expected);
        Tool.Require("sfdisk", "--json", built.Path).ShouldContain("GUID:60");
        if (size == "content")
            Tool.Require("blkid", "-p", disk["p"]).ShouldContain(" LABEL=\"data\" UUID=\"11111111-2222-4333-8444-555555555555\"");
    }

    [Theory]
    [InlineData("erofs")]
    [InlineData("{type: erofs, compression: none}")]
    public void A_partition_that_is_too_small_is_refused_and_leaves_nothing(string fileSystem)
    {
        using var disk = new DiskBuild("{method: none}", $"{{name: root, type: root, filesystem: {fileSystem}, size: 1MiB, mount: /}}");
        disk.Tree.Set("/x", Ext4Trees.File(Ext4Trees.Bytes(2 << 20, 1)));

        disk.Build().ShouldBeNull();

        disk.Codes.ShouldBe(["PL4551"]);
        Directory.EnumerateFiles(disk["out"]).ShouldBeEmpty();
    }
}
