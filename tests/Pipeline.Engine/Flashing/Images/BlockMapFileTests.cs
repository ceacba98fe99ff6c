using System.Security.Cryptography;
using System.Text;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Flashing.Images;

public sealed class BlockMapFileTests : IDisposable
{
    private readonly TempDir _temp = new();

    [Fact]
    public void A_map_of_bmaptool_is_read()
    {
        DiskImages.Make(_temp["disk.img"], "gpt");
        Tool.Require("bmaptool", "create", "--output", _temp["disk.bmap"], _temp["disk.img"]);
        var map = BlockMapFile.Read(_temp["disk.bmap"]);
        map.ImageBytes.ShouldBe(24 << 20);
        var bytes = File.ReadAllBytes(_temp["disk.img"]);
        foreach (var range in map.Ranges)
        {
            Convert.ToHexStringLower(SHA256.HashData(bytes.AsSpan((int)range.FirstByte, (int)(range.EndByte - range.FirstByte)))).ShouldBe(range.Hash);
            bytes.AsSpan((int)range.FirstByte, (int)(range.EndByte - range.FirstByte)).Clear();
        }
        bytes.ShouldAllBe(b => b == 0, "nothing but zeroes is left out");
    }

    [Theory]
    [InlineData("another version", "version=\"2.0\"", "version=\"3.0\"", "it is version 3.0")]
    [InlineData("another hash", "> sha256 <", "> md5 <", "of type 'md5'")]
    [InlineData("no checksum of its own", "BmapFileChecksum>", "Other>", "it has no BmapFileChecksum")]
    [InlineData("too many blocks", "<BlocksCount> 3 ", "<BlocksCount> 9 ", "9 blocks of 4096 bytes are no image of 10000")]
    [InlineData("no number", "<BlockSize> 4096 ", "<BlockSize> -1 ", "'-1' is no number")]
    [InlineData("beyond the image", "> 2 <", "> 3 <", "its range '3' is out of order")]
    [InlineData("backwards", "> 0 <", "> 1-0 <", "its range '1-0' is out of order")]
    [InlineData("twice", "> 2 <", "> 0 <", "its range '0' is out of order")]
    [InlineData("no checksum of a range", "chksum=\"", "sum=\"", "without a checksum")]
    [InlineData("an entity", "<?xml version=\"1.0\" ?>", "<?xml version=\"1.0\" ?><!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]>", "it is no XML")]
    [InlineData("no XML", "<bmap", "bmap", "it is no XML")]
    public void Mistakes_are_refused(string what, string text, string instead, string complaint)
    {
        Write(Sample.Replace(text, instead, StringComparison.Ordinal));
        Should.Throw<InvalidDataException>(() => BlockMapFile.Read(_temp["m.bmap"]), what).Message.ShouldContain(complaint);
    }

    [Fact]
    public void The_sample_is_right_and_a_changed_digit_is_seen()
    {
        Write(Sample);
        BlockMapFile.Read(_temp["m.bmap"]).Ranges.Select(r => (r.FirstByte, r.EndByte)).ShouldBe([(0, 4096), (8192, 10000)]);
        File.WriteAllText(_temp["m.bmap"], File.ReadAllText(_temp["m.bmap"]).Replace("aaab", "aaaa", StringComparison.Ordinal));
        Should.Throw<InvalidDataException>(() => BlockMapFile.Read(_temp["m.bmap"])).Message.ShouldContain("its checksum of itself is wrong");
    }

    private static string Sample => $"""
        <?xml version="1.0" ?>
        <bmap version="2.0">
            <ImageSize> 10000 </ImageSize>
            <BlockSize> 4096 </BlockSize>
            <BlocksCount> 3 </BlocksCount>
            <MappedBlocksCount> 2 </MappedBlocksCount>
            <ChecksumType> sha256 </ChecksumType>
            <BmapFileChecksum> {new string('0', 64)} </BmapFileChecksum>
            <BlockMap>
                <Range chksum="{new string('a', 63)}b"> 0 </Range>
                <Range chksum="{new string('c', 64)}"> 2 </Range>
            </BlockMap>
        </bmap>

        """;

    private void Write(string text)
    {
        var own = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
        File.WriteAllText(_temp["m.bmap"], text.Replace(new string('0', 64), own, StringComparison.Ordinal));
    }

    public void Dispose() => _temp.Dispose();
}
