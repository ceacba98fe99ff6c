using Pipeline.Core.Units;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Building.Outputs;

public sealed class BlockMapTests
{
    [Theory]
    [InlineData("data at both ends", 10 << 20, 0, (10 << 20) - 1)]
    [InlineData("holes at both ends", 10 << 20, 5 << 20, (5 << 20) + 4096)]
    [InlineData("a length that is no multiple of blocks", (3 << 20) + 512, 4096, (3 << 20) + 511)]
    [InlineData("nothing", 1 << 20)]
    [InlineData("a run across the buffer", 4 << 20, (1 << 20) - 1, 1 << 20, (1 << 20) + 4096)]
    public void Bmaptool_copies_the_same_bytes(string what, int length, params int[] places)
    {
        using var temp = new TempDir();
        Make(temp["disk.img"], length, places);

        var digest = BlockMap.Write(temp["disk.img"], temp["disk.bmap"], CancellationToken.None);

        digest.ShouldBe(Digest.Sha256(File.ReadAllBytes(temp["disk.bmap"])));
        Copy(temp).ShouldBe(0, what);
        File.ReadAllBytes(temp["copy.img"]).AsSpan().SequenceEqual(File.ReadAllBytes(temp["disk.img"])).ShouldBeTrue(what);
    }

    [Theory]
    [InlineData("the map", "disk.bmap")]
    [InlineData("the image", "disk.img")]
    public void Bmaptool_refuses_a_flipped_bit(string what, string file)
    {
        using var temp = new TempDir();
        Make(temp["disk.img"], 1 << 20, 9000, 100_000);
        BlockMap.Write(temp["disk.img"], temp["disk.bmap"], CancellationToken.None);
        var bytes = File.ReadAllBytes(temp[file]);
        var at = file == "disk.img" ? 9000 : File.ReadAllText(temp[file]).IndexOf("chksum=\"", StringComparison.Ordinal) + 8;
        // Another digit of a digest, not something that is no number.
        bytes[at] = bytes[at] == (byte)'1' ? (byte)'2' : (byte)'1';
        File.WriteAllBytes(temp[file], bytes);

        Copy(temp).ShouldNotBe(0, what);
    }

    [Fact]
    public void Holes_and_written_zeroes_give_one_map()
    {
        using var temp = new TempDir();
        Make(temp["sparse.img"], 1 << 20, 70_000);
        File.WriteAllBytes(temp["full.img"], File.ReadAllBytes(temp["sparse.img"]));

        BlockMap.Write(temp["sparse.img"], temp["a"], CancellationToken.None);
        BlockMap.Write(temp["full.img"], temp["b"], CancellationToken.None);

        File.ReadAllText(temp["a"]).ShouldBe(File.ReadAllText(temp["b"]));
        File.ReadAllText(temp["a"]).ShouldContain("<MappedBlocksCount> 1 </MappedBlocksCount>");
    }

    private static void Make(string path, int length, params int[] places)
    {
        using var file = File.Create(path);
        file.SetLength(length);
        foreach (var place in places)
        {
            file.Position = place;
            file.WriteByte(7);
        }
    }

    private static int Copy(TempDir temp) =>
        Tool.Run("bmaptool", "copy", "--bmap", temp["disk.bmap"], temp["disk.img"], temp["copy.img"]).ExitCode;
}
