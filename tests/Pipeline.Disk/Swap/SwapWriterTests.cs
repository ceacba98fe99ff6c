using System.Security.Cryptography;
using Pipeline.Core.Blocks;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Disk.Swap;

public sealed class SwapWriterTests
{
    private static readonly Guid Uuid = new("01234567-89ab-8def-8123-456789abcdef");

    [Fact]
    public void Real_tools_read_what_was_written()
    {
        using var temp = new TempDir();
        var layout = Write(temp["swap.img"]);
        Tool.Require("swaplabel", temp["swap.img"]).ShouldBe($"LABEL: swap\nUUID:  {Uuid}\n");
        var blkid = Tool.Require("blkid", "-p", "-o", "export", temp["swap.img"]);
        blkid.ShouldContain($"UUID={Uuid}\n");
        blkid.ShouldContain("VERSION=1\n");
        blkid.ShouldContain("TYPE=swap\n");
        Tool.Require("file", temp["swap.img"]).ShouldContain("4k page size, little endian, version 1, size 2047 pages");
        var digest = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(temp["swap.img"])));
        Golden.Match("swap.map", layout.Regions().ToMap() + $"sha256 {digest}\n");
    }

    [Fact]
    public void The_header_equals_that_of_mkswap()
    {
        using var temp = new TempDir();
        Write(temp["ours.img"]);
        using (var file = File.Create(temp["theirs.img"]))
            file.SetLength(new FileInfo(temp["ours.img"]).Length);
        Tool.Require("mkswap", "-p", "4096", "-L", "swap", "-U", $"{Uuid}", temp["theirs.img"]);
        File.ReadAllBytes(temp["ours.img"]).AsSpan().SequenceEqual(File.ReadAllBytes(temp["theirs.img"])).ShouldBeTrue();
    }

    [Fact]
    public void The_judge_sees_a_broken_signature()
    {
        using var temp = new TempDir();
        Write(temp["swap.img"]);
        Damage.FlipBit(temp["swap.img"], 4096 - 10);
        Tool.Run("blkid", "-p", temp["swap.img"]).ExitCode.ShouldNotBe(0);
        Tool.Run("swaplabel", temp["swap.img"]).ExitCode.ShouldNotBe(0);
    }

    [Theory]
    [InlineData(40959, "swap", "PL4801")]
    [InlineData(1L << 45, "swap", "PL4803")]
    [InlineData(1 << 20, "sixteen bytes ..", "PL4802")]
    public void What_cannot_be_is_refused(long lengthBytes, string label, string code) =>
        SwapLayout.Place(lengthBytes, Uuid, label, null).Diagnostics.Select(d => d.Rule.Code).ShouldBe([code]);

    private static SwapLayout Write(string path)
    {
        var writer = new SwapWriter(SwapLayout.Place(8 << 20, Uuid, "swap", null).Value!);
        FileSink.Create(path, writer.LengthBytes, sink =>
        {
            writer.Pour(sink, 1, CancellationToken.None);
            writer.Seal(sink, CancellationToken.None);
        });
        return SwapLayout.Place(8 << 20, Uuid, "swap", null).Value!;
    }
}
