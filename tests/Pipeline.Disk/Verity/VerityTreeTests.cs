using Pipeline.Core.Files;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Disk.Verity;

public sealed class VerityTreeTests
{
    private static readonly VerityOptions Options = new([.. Enumerable.Range(1, 32).Select(i => (byte)i)], new("00112233-4455-6677-8899-aabbccddeeff"));

    /// <summary>Around the ends of a level: 128 hashes fill a block.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(129)]
    [InlineData(16384)]
    [InlineData(16385)]
    public void Cryptsetup_makes_the_same_and_accepts_it(int blocks)
    {
        using var temp = new TempDir();
        var (tree, data) = Make(blocks, temp);
        var root = Convert.ToHexStringLower(tree.RootHash);

        var theirs = Tool.Require("veritysetup", "format", "--salt", Convert.ToHexStringLower(Options.Salt), "--uuid", Options.Uuid.ToString("D"), temp["data"], temp["theirs"]);

        theirs.ShouldContain($"Root hash:      \t{root}");
        File.ReadAllBytes(temp["hashes"]).ShouldBe(File.ReadAllBytes(temp["theirs"]));
        Tool.Require("veritysetup", "verify", temp["data"], temp["hashes"], root);
        data.Length.ShouldBe(blocks * VerityTree.BlockBytes);
    }

    [Fact]
    public void Cryptsetup_reads_the_superblock()
    {
        using var temp = new TempDir();
        Make(300, temp);

        var dump = Tool.Require("veritysetup", "dump", temp["hashes"]);

        dump.ShouldContain("00112233-4455-6677-8899-aabbccddeeff");
        dump.ShouldContain("Data blocks:     \t300");
        dump.ShouldContain("Hash algorithm:  \tsha256");
    }

    [Theory]
    [InlineData("data", 1_000_000)]
    [InlineData("hashes", 5000)]
    public void Cryptsetup_says_no_to_a_bit_that_changed(string file, int at)
    {
        using var temp = new TempDir();
        var (tree, _) = Make(300, temp);
        Damage.FlipBit(temp[file], at);

        Tool.Run("veritysetup", "verify", temp["data"], temp["hashes"], Convert.ToHexStringLower(tree.RootHash)).ExitCode.ShouldNotBe(0);
    }

    [Fact]
    public void Half_a_block_is_a_mistake_of_the_caller() =>
        Should.Throw<ArgumentException>(() => VerityTree.Build(FileContent.Of(new byte[5000]), Options, CancellationToken.None));

    private static (VerityTree Tree, byte[] Data) Make(int blocks, TempDir temp)
    {
        var data = new byte[blocks * VerityTree.BlockBytes];
        new Random(blocks).NextBytes(data);
        var tree = VerityTree.Build(FileContent.Of(data), Options, CancellationToken.None);
        File.WriteAllBytes(temp["data"], data);
        File.WriteAllBytes(temp["hashes"], tree.Content.ReadAll(int.MaxValue));
        return (tree, data);
    }
}
