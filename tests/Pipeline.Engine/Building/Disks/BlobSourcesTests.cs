using Pipeline.Core.Diagnostics;
using Pipeline.Core.Units;
using Pipeline.Engine.Building.Rootfs;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Building.Disks;

public sealed class BlobSourcesTests
{
    private const string Content = "the loader";

    [Theory]
    [InlineData("/usr/lib/u-boot/a/spl.bin", null, "")]
    [InlineData("/usr/lib/u-boot/*/spl.bin", null, "")]
    [InlineData("/usr/lib/u-bo?t/a/s*.bin", 10L, "")]
    [InlineData("/usr/lib/u-boot/*/spl.bin", 9L, "PL4072")]
    [InlineData("/usr/lib/u-boot/a/*", null, "PL4071")]
    [InlineData("/usr/lib/*/spl.bin", null, "PL4070")]
    [InlineData("/usr/lib/u-boot/a", null, "PL4070")]
    [InlineData("/usr/lib/link.bin", null, "")]
    [InlineData("/usr/lib/dangling", null, "PL4070")]
    public void A_pattern_must_match_one_file(string pattern, long? limit, string code)
    {
        using var disk = new DiskBuild("{method: none}")
            .With(("/usr/lib/u-boot/a/spl.bin", Content), ("/usr/lib/u-boot/a/other.bin", "x"), ("/usr/lib/u-boot/b/", ""), ("/usr/lib/link.bin", "-> u-boot/a/spl.bin"), ("/usr/lib/dangling", "-> /nowhere"));

        var (found, codes) = Find(disk, new("spl", pattern, null, null, new(8192), limit is null ? null : new ByteSize(limit.Value), [], null));

        string.Join(' ', codes).ShouldBe(code);
        if (code.Length == 0)
            found.Single().Content.ReadAll(100).ShouldBe("the loader"u8.ToArray());
    }

    [Theory]
    [InlineData("loader.bin", null, "")]
    [InlineData("loader.bin", "right", "")]
    [InlineData("loader.bin", "0000000000000000000000000000000000000000000000000000000000000000", "PL4073")]
    [InlineData("gone.bin", null, "PL4086")]
    public void A_file_of_the_repository_is_what_its_digest_says(string file, string? sha256, string code)
    {
        using var disk = new DiskBuild("{method: none}");
        File.WriteAllText(disk["loader.bin"], Content);
        var digest = sha256 == "right" ? Digest.Sha256("the loader"u8).Hex.ToUpperInvariant() : sha256;

        var (_, codes) = Find(disk, new("spl", null, disk[file], digest, new(8192), null, [], null));

        string.Join(' ', codes).ShouldBe(code);
    }

    [Fact]
    public void A_blob_leaves_the_kept_ranges_alone()
    {
        using var disk = new DiskBuild("{method: none}", "{name: root, type: linux, filesystem: ext4, size: rest, mount: /, offset: 4MiB}", table: "{type: mbr}")
            .With(("/loader", new string('L', 4096)));
        disk.Board = disk.Board with { Blobs = [new("l", "/loader", null, null, new(512), null, [(1024, 1025), (2000, 3000), (4607, 9000)], null)] };

        var image = disk.Build();

        disk.Codes.Where(c => c != "PL4025").ShouldBeEmpty();
        using var file = File.OpenRead(image!.Path);
        var head = new byte[8192];
        file.ReadExactly(head);
        for (var i = 512; i < head.Length; i++)
            head[i].ShouldBe(i is >= 4607 or 1024 or (>= 2000 and < 3000) ? (byte)0 : (byte)'L', $"byte {i}");
        head.AsSpan(510, 2).ToArray().ShouldBe([0x55, 0xAA]);
    }

    private static (IReadOnlyList<BlobSource> Found, string[] Codes) Find(DiskBuild disk, RawBlob blob)
    {
        using var files = new RepositoryFiles();
        var bag = new DiagnosticBag();
        var found = BlobSources.Find(disk.Board with { Blobs = [blob] }, disk.Tree, files, bag);
        return (found, [.. bag.ToImmutable().Select(d => d.Rule.Code)]);
    }
}
