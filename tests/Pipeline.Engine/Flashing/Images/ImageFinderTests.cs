using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Units;
using Pipeline.Engine.Planning;
using Pipeline.Engine.Publishing;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Flashing.Images;

public sealed class ImageFinderTests : IDisposable
{
    private static readonly ImmutableSortedDictionary<string, string> None = ImmutableSortedDictionary<string, string>.Empty;
    private readonly TempDir _temp = new();

    public ImageFinderTests()
    {
        foreach (var version in new[] { "20260101.0", "20260102.0" })
        {
            Write($"store/kiosk/{version}/kiosk-pc.img.zst", version);
            Write($"store/kiosk/{version}/kiosk-pc.img.bmap", "map of " + version);
            Write($"store/kiosk/{version}/kiosk-orangepi-pc.img.zst", "pi " + version);
            Sums($"store/kiosk/{version}");
        }
        Directory.CreateSymbolicLink(_temp["store/kiosk/latest"], "20260102.0");
    }

    [Theory]
    [InlineData("the newest", "kiosk", "20260102.0")]
    [InlineData("one of them", "kiosk/20260101.0", "20260101.0")]
    public void A_release_is_found_in_the_store(string what, string name, string version)
    {
        var found = Find(name, "orangepi-pc");
        found.Diagnostics.ShouldBeEmpty(what);
        found.Value!.Path.ShouldBe(_temp[$"store/kiosk/{version}/kiosk-orangepi-pc.img.zst"]);
        found.Value.Sha256!.Hex.ShouldBe(Tool.Require("sha256sum", found.Value.Path)[..64]);
        found.Value.BlockMapPath.ShouldBeNull();
    }

    [Fact]
    public void A_release_directory_will_do() => Find(_temp["store/kiosk/latest"], "orangepi-pc").Value!.Path.ShouldEndWith("20260102.0/kiosk-orangepi-pc.img.zst");

    [Fact]
    public void The_record_knows_boards_better_than_names()
    {
        // By its name the other file is for 'pc' as well.
        Find("kiosk", "pc").Diagnostics.ShouldHaveSingleItem().Rule.ShouldBe(FlashRules.SeveralImages);
        var targets = new[] { "pc", "orangepi-pc" }.ToDictionary(b => $"kiosk/{b}/disk", b => new PublishedTarget(
            $"kiosk/{b}/disk", "20260102.0", new(None, None), [new($"kiosk-{b}.img.zst", new(1), Digest.Sha256([]))], []));
        File.WriteAllBytes(_temp["store/kiosk/latest/inputs.json"], ReleaseRecordJson.Write(new("kiosk", "20260102.0", null, null, None, targets.ToImmutableSortedDictionary(StringComparer.Ordinal))));
        var found = Find("kiosk", "pc");
        found.Diagnostics.ShouldBeEmpty();
        found.Value!.Shown.ShouldBe("kiosk-pc.img.zst");
        found.Value.BlockMapPath.ShouldBe(_temp["store/kiosk/20260102.0/kiosk-pc.img.bmap"]);
        found.Value.BlockMapSha256.ShouldNotBeNull();
        Find("kiosk", null).Diagnostics.ShouldHaveSingleItem().Message.ShouldContain("say --board with one of orangepi-pc, pc");
    }

    [Fact]
    public void What_an_image_unpacks_to_is_believed_of_the_record_that_SHA256SUMS_lists()
    {
        var directory = _temp["store/kiosk/latest"];
        var packed = Digest.Sha256(File.ReadAllBytes(Path.Combine(directory, "kiosk-orangepi-pc.img.zst")));
        WriteRecord(packed);
        Find("kiosk", "orangepi-pc").Value!.Unpacked.ShouldBeNull("nobody lists the record");
        Sums("store/kiosk/latest");
        Find("kiosk", "orangepi-pc").Value!.Unpacked.ShouldBe(new(new(4096), Digest.Sha256("raw"u8)));
        File.AppendAllText(Path.Combine(directory, "inputs.json"), " ");
        Find("kiosk", "orangepi-pc").Value!.Unpacked.ShouldBeNull("another record");
        WriteRecord(Digest.Sha256("other"u8));
        Sums("store/kiosk/latest");
        Find("kiosk", "orangepi-pc").Value!.Unpacked.ShouldBeNull("it is about another file");
    }

    private void WriteRecord(Digest packed)
    {
        var target = new PublishedTarget("kiosk/orangepi-pc/disk", "20260102.0", new(None, None), [new("kiosk-orangepi-pc.img.zst", new(1), packed) { Unpacked = new(new(4096), Digest.Sha256("raw"u8)) }], []);
        File.WriteAllBytes(_temp["store/kiosk/latest/inputs.json"], ReleaseRecordJson.Write(new("kiosk", "20260102.0", null, null, None, ImmutableSortedDictionary.Create<string, PublishedTarget>(StringComparer.Ordinal).Add(target.Id, target))));
    }

    [Theory]
    [InlineData("no release", "lobby", null, "PL6201")]
    [InlineData("no board", "kiosk", "toaster", "PL6202")]
    [InlineData("two boards", "kiosk", null, "PL6203")]
    [InlineData("outside of the store", "../store/kiosk/../../etc", null, "PL6201")]
    public void What_is_not_there_is_said(string what, string name, string? board, string code) =>
        Find(name, board).Diagnostics.ShouldHaveSingleItem(what).Rule.Code.ShouldBe(code);

    [Fact]
    public void Checksums_that_are_none_are_refused()
    {
        Write("store/kiosk/latest/SHA256SUMS", "<html>not found</html>\n");
        Find("kiosk", "pc").Diagnostics.ShouldHaveSingleItem().Rule.ShouldBe(FlashRules.BadChecksumFile);
    }

    [Fact]
    public void A_listed_file_that_is_missing_is_said()
    {
        File.Delete(_temp["store/kiosk/20260102.0/kiosk-orangepi-pc.img.zst"]);
        Find("kiosk", "orangepi-pc").Diagnostics.ShouldHaveSingleItem().Rule.ShouldBe(FlashRules.MissingAsset);
    }

    [Theory]
    [InlineData("x.img.zst", "x.img.zst.bmap", true)]
    [InlineData("x.img.zst", "x.img.bmap", true)]
    [InlineData("x.img.zst", "x.bmap", true)]
    [InlineData("x.img", "x.img.bmap", true)]
    [InlineData("x.1.img", "x.1.bmap", true)]
    [InlineData("x.1.img", "x.bmap", false)]
    [InlineData("x.img", "y.bmap", false)]
    public void A_map_is_found_by_its_name(string image, string map, bool isFound)
    {
        Write(image, "");
        Write(map, "");
        Find(_temp[image], null).Value!.BlockMapPath.ShouldBe(isFound ? _temp[map] : null);
        ImageFinder.Find(new(_temp[image], "", null, null, IgnoresBlockMap: true)).Value!.BlockMapPath.ShouldBeNull();
    }

    [Fact]
    public void A_map_that_was_named_must_be_there()
    {
        Write("x.img", "");
        ImageFinder.Find(new(_temp["x.img"], "", null, _temp["no.bmap"], false)).Diagnostics.ShouldHaveSingleItem().Rule.ShouldBe(FlashRules.BadBlockMap);
    }

    private Result<ImageFile> Find(string name, string? board) => ImageFinder.Find(new(name, _temp["store"], board, null, false));

    private void Write(string file, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_temp[file])!);
        File.WriteAllText(_temp[file], text);
    }

    private void Sums(string directory) => Write(directory + "/SHA256SUMS", Tool.Require("bash", "-c", $"cd '{_temp[directory]}' && sha256sum -b kiosk* $(ls | grep inputs.json)"));

    public void Dispose() => _temp.Dispose();
}
