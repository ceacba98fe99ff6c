using System.Text;
using Pipeline.Core.Compression;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Oci.Layers;

public sealed class ImageUnpackerTests
{
    private static readonly CancellationToken Ct = CancellationToken.None;

    [Theory]
    [InlineData(CompressionKind.None, true)]
    [InlineData(CompressionKind.None, false)]
    [InlineData(CompressionKind.Gzip, true)]
    [InlineData(CompressionKind.Gzip, false)]
    [InlineData(CompressionKind.Zstandard, true)]
    [InlineData(CompressionKind.Xz, false)]
    public async Task Packing_does_not_change_the_tree(CompressionKind kind, bool isLocal)
    {
        using var temp = new TempDir();
        var source = new BlobSource(isLocal ? temp.Path : null).Add(Lower(), kind).Add(Upper(), kind);
        var listing = await ListAsync(source, temp, new() { ScratchDirectory = temp["scratch"], VerifyDiffIds = true });
        Golden.Match("two-layers.txt", listing);
        if (Directory.Exists(temp["scratch"]))
            Directory.GetFileSystemEntries(temp["scratch"]).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_byte_that_is_not_what_was_promised_stops_the_unpacking()
    {
        using var temp = new TempDir();
        foreach (var kind in new[] { CompressionKind.None, CompressionKind.Gzip, CompressionKind.Zstandard })
        {
            var served = BlobSource.Pack(Lower(), kind);
            served[^1] ^= 1;
            await ShouldFailAsync(new BlobSource().Add(Lower(), kind, served), "PL2410");
            await ShouldFailAsync(new BlobSource(temp.Path).Add(Lower(), kind, served), "PL2410");
            await ShouldFailAsync(new BlobSource().Add(Lower(), kind, served[..^1]), "PL2410");
            await ShouldFailAsync(new BlobSource().Add(Lower(), kind, [.. served, 0]), "PL2410");
        }
    }

    [Fact]
    public async Task A_diff_id_that_lies_is_noticed_when_asked_for()
    {
        await ShouldFailAsync(new BlobSource().Add(Lower(), CompressionKind.Gzip, diff: [1]), "PL2411");
        using var temp = new TempDir();
        using var unpacked = (await UnpackAsync(new BlobSource().Add(Lower(), CompressionKind.Gzip, diff: [1]), new() { ScratchDirectory = temp.Path })).Value;
        unpacked.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_layer_that_is_no_tar_is_named()
    {
        var garbage = Encoding.ASCII.GetBytes(new string('x', 5000));
        var failure = await ShouldFailAsync(new BlobSource().Add(Lower()).Add(garbage, CompressionKind.Gzip), "PL4001");
        failure.ShouldContain("layer 2 (");
        await ShouldFailAsync(new BlobSource().Add(Lower()[..^1500]), "PL4001");
        var packed = BlobSource.Pack(Lower(), CompressionKind.Gzip);
        await ShouldFailAsync(new BlobSource().Add(packed[..^20], diff: Lower()), "PL4001");
        packed = BlobSource.Pack(Lower(), CompressionKind.Zstandard);
        await ShouldFailAsync(new BlobSource().Add(packed[..^20], diff: Lower()), "PL4001");
        packed = BlobSource.Pack(Lower(), CompressionKind.Xz);
        await ShouldFailAsync(new BlobSource().Add(packed[..^20], diff: Lower()), "PL4001");
    }

    [Fact]
    public async Task Cancelling_ends_soon_and_leaves_nothing()
    {
        using var temp = new TempDir();
        using var cancel = new CancellationTokenSource();
        await cancel.CancelAsync();
        var source = new BlobSource().Add(Lower(), CompressionKind.Gzip).Add(Upper(), CompressionKind.Gzip);
        await Should.ThrowAsync<OperationCanceledException>(
            ImageUnpacker.UnpackAsync(source, source.ToImage(), new() { ScratchDirectory = temp.Path }, cancel.Token));
        Directory.GetFileSystemEntries(temp.Path).ShouldBeEmpty();
    }

    private static byte[] Lower() => new TarBuilder()
        .Directory("./", 0b111_101_101).Directory("etc/").File("etc/hosts", "127.0.0.1 localhost\n").File("etc/gone", "x")
        .Directory("usr/").Directory("usr/bin").File("usr/bin/true", new string('t', 1_000_000), 0b100_111_101_101).SymbolicLink("bin", "usr/bin").ToArray();

    private static byte[] Upper() => new TarBuilder()
        .Whiteout("etc/gone").File("bin/false", "f").HardLink("usr/bin/also", "bin/true").ToArray();

    private static Task<Result<UnpackedImage>> UnpackAsync(BlobSource source, UnpackOptions options) =>
        ImageUnpacker.UnpackAsync(source, source.ToImage(), options, Ct);

    private static async Task<string> ListAsync(BlobSource source, TempDir temp, UnpackOptions options)
    {
        var result = await UnpackAsync(source, options);
        result.Diagnostics.ShouldBeEmpty();
        using var image = result.Value!;
        return image.Tree.ToListing();
    }

    private static async Task<string> ShouldFailAsync(BlobSource source, string code)
    {
        using var temp = new TempDir();
        var result = await UnpackAsync(source, new() { ScratchDirectory = temp.Path, VerifyDiffIds = true });
        result.IsOk.ShouldBeFalse();
        result.Diagnostics.Select(d => d.Rule.Code).ShouldBe([code], string.Join('\n', result.Diagnostics));
        Directory.GetFileSystemEntries(temp.Path).ShouldBeEmpty();
        return result.Diagnostics[0].Message;
    }
}
