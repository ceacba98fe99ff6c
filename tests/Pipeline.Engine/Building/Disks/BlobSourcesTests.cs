using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Core.Units;
using Pipeline.Disk.Loaders;
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

    [Theory]
    [InlineData("/opt/*.deb", "/usr/lib/u-boot/*/spl.bin", "")]
    [InlineData("/opt/*.deb", "/usr/lib/u-boot/none/spl.bin", "PL4070")]
    [InlineData("/opt/*.deb", "/usr/lib/u-boot/a/*", "PL4071")]
    [InlineData("/opt/*", "/usr/lib/u-boot/*/spl.bin", "PL4071")]
    [InlineData("/opt/readme", "/usr/lib/u-boot/*/spl.bin", "PL4088")]
    [InlineData("/opt/gone.deb", "/usr/lib/u-boot/*/spl.bin", "PL4070")]
    public void A_blob_comes_out_of_a_package(string package, string path, string code)
    {
        using var disk = new DiskBuild("{method: none}").With(("/opt/readme", "no package"));
        disk.Tree.Set("/opt/u-boot.deb", new RegularFile { Content = FileContent.Of(Package(disk)) });

        var (found, codes) = Find(disk, Blob(path) with { PackagePath = package });

        string.Join(' ', codes).ShouldBe(code);
        if (code.Length == 0)
            found.Single().Content.ReadAll(100).ShouldBe("the loader"u8.ToArray());
    }

    [Theory]
    [InlineData("/loader", null, "")]
    [InlineData("/nothing", null, "PL4070")]
    [InlineData("/usr/lib/u-boot/*/spl.bin", "/u-boot.deb", "")]
    public void A_blob_comes_from_another_image_and_not_from_the_source(string path, string? package, string code)
    {
        using var disk = new DiskBuild("{method: none}").With(("/nothing", "in the source"));
        disk.Trees = disk.Trees.Add(0, new FileTree());
        disk.Trees[0].Set("/loader", new RegularFile { Content = FileContent.Of("the loader"u8.ToArray()) });
        disk.Trees[0].Set("/u-boot.deb", new RegularFile { Content = FileContent.Of(Package(disk)) });

        var (found, codes) = Find(disk, Blob(path) with { PackagePath = package, Image = new(new("registry.example/fw:1", "/", null), null) });

        string.Join(' ', codes).ShouldBe(code);
        if (code.Length == 0)
            found.Single().Content.ReadAll(100).ShouldBe("the loader"u8.ToArray());
    }

    [Fact]
    public void A_blob_with_another_header_or_checksum_is_refused()
    {
        using var disk = new DiskBuild("{method: none}").With(("/loader", Content));

        Find(disk, Blob("/loader") with { Expect = LoaderKind.SunxiEgon, Sha256 = new string('0', 64) }).Codes.ShouldBe(["PL4073", "PL4087"]);
        Find(disk, Blob("/loader") with { Sha256 = Digest.Sha256("the loader"u8).Hex }).Codes.ShouldBeEmpty();
    }

    [Fact]
    public void Padding_fills_up_to_the_limit_but_not_what_is_kept()
    {
        using var disk = new DiskBuild("{method: none}", "{name: root, type: linux, filesystem: ext4, size: rest, mount: /, offset: 4MiB}", table: "{type: mbr}")
            .With(("/loader", new string('L', 1000)));
        disk.Board = disk.Board with { Blobs = [Blob("/loader") with { Offset = new(512), Limit = new(2000), Padding = 0xA5, KeepRanges = [(600, 601), (1600, 1700), (2500, 9000)] }] };

        var image = disk.Build();

        using var file = File.OpenRead(image!.Path);
        var head = new byte[4096];
        file.ReadExactly(head);
        for (var i = 512; i < head.Length; i++)
            head[i].ShouldBe(i is 600 or (>= 1600 and < 1700) or >= 2500 ? (byte)0 : i < 1512 ? (byte)'L' : (byte)0xA5, $"byte {i}");
    }

    private static RawBlob Blob(string path) => new("spl", path, null, null, new(8192), null, [], null);

    private static byte[] Package(DiskBuild disk)
    {
        Directory.CreateDirectory(disk["deb/DEBIAN"]);
        File.WriteAllText(disk["deb/DEBIAN/control"], "Package: u-boot-test\nVersion: 1\nArchitecture: all\nMaintainer: nobody <nobody@example.org>\nDescription: test\n");
        Directory.CreateDirectory(disk["deb/usr/lib/u-boot/a"]);
        File.WriteAllText(disk["deb/usr/lib/u-boot/a/spl.bin"], Content);
        File.WriteAllText(disk["deb/usr/lib/u-boot/a/other.bin"], "x");
        Tool.Require("dpkg-deb", "-b", disk["deb"], disk["x.deb"]);
        return File.ReadAllBytes(disk["x.deb"]);
    }

    private static (IReadOnlyList<BlobSource> Found, string[] Codes) Find(DiskBuild disk, RawBlob blob)
    {
        using var files = new RepositoryFiles();
        var bag = new DiagnosticBag();
        disk.Board = disk.Board with { Blobs = [blob] };
        var found = new BlobSources(disk.Job, disk.Tree, files, bag).Find();
        return (found, [.. bag.ToImmutable().Select(d => d.Rule.Code)]);
    }
}
