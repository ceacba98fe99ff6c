using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Publishing;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Listing;

public sealed class CatalogueReaderTests : IDisposable
{
    private static readonly Uri At = new("https://example.org/releases/");
    private readonly ReleaseStore _store = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static Workspace Workspace => SampleImages.Workspace(SampleImages.Image("kiosk", "base:1", "pc"), SampleImages.Image("lobby", "base:1", "pc"));

    public void Dispose() => _store.Dispose();

    [Fact]
    public async Task What_latest_names_is_offered_and_what_was_withdrawn_is_not()
    {
        _store.Add("kiosk", "20261121.0", ReleaseStore.Target("pc", "kiosk-pc.img.xz", "one").Unpacks("image one"));
        _store.Add("kiosk", "20261122.0", ReleaseStore.Target("pc", "kiosk-pc.img.xz", "two").Unpacks("image two"));
        var release = (await ReadAsync(At)).Releases.ShouldHaveSingleItem("of the other image nothing is released");
        release.Version.ToString().ShouldBe("20261122.0");
        release.Versions.Select(v => v.ToString()).ShouldBe(["20261122.0", "20261121.0"]);
        release.Description.ShouldBe("The kiosk image");
        release.Page.ShouldBe(new Uri(At, "kiosk/20261122.0/"));
        release.Documents.ShouldContainKeyAndValue(ReleaseDocuments.Changelog, new Uri(At, "kiosk/20261122.0/CHANGELOG.md"));
        var target = release.Targets.ShouldHaveSingleItem();
        (target.Board, target.Output, target.Platform, target.IsMedium).ShouldBe(("pc", "disk", "linux/amd64", true));
        target.Files.ShouldHaveSingleItem().Address.ShouldBe(new Uri(At, "kiosk/20261122.0/kiosk-pc.img.xz"));

        _store.Point("kiosk", "20261121.0");
        release = (await ReadAsync(At)).Releases[0];
        release.Version.ToString().ShouldBe("20261121.0");
        release.Versions.Length.ShouldBe(1);
        release.Targets[0].Files[0].Unpacked!.Size.Bytes.ShouldBe(9);
    }

    [Fact]
    public async Task The_last_release_stays_when_the_manifest_breaks()
    {
        _store.Add("lobby", "20261121.0", ReleaseStore.Target("pc", "lobby-pc.img", "one"));
        var read = await new CatalogueReader(_store.Reader, At).ReadAsync(Workspace with { Images = [], InvalidImages = ["kiosk", "lobby", ".."] }, Ct);
        read.Value!.Releases.ShouldHaveSingleItem().Image.ShouldBe("lobby");
    }

    [Fact]
    public async Task Where_nobody_said_the_address_there_is_none()
    {
        _store.Add("kiosk", "20261121.0", ReleaseStore.Target("pc", "kiosk-pc.img", "raw"));
        var release = (await ReadAsync(null)).Releases[0];
        release.Page.ShouldBeNull();
        release.Documents.ShouldBeEmpty();
        var file = release.Targets[0].Files[0];
        file.Address.ShouldBeNull();
        file.Unpacked.ShouldBe(new(file.File.Size, file.File.Sha256), "a raw image is what it unpacks to");
    }

    [Fact]
    public async Task Files_in_pieces_have_their_pieces_in_place_of_an_address()
    {
        _store.Add("kiosk", "20261121.0", ReleaseStore.Target("pc", "kiosk-pc.img", "a large one"));
        File.Delete(_store["kiosk/20261121.0/kiosk-pc.img"]);
        File.WriteAllText(_store["kiosk/20261121.0/kiosk-pc.img.000"], "a large");
        File.WriteAllText(_store["kiosk/20261121.0/kiosk-pc.img.001"], " one");
        File.WriteAllText(_store["kiosk/20261121.0/kiosk-pc.img.parts"], "");
        var file = (await ReadAsync(At)).Releases[0].Targets[0].Files[0];
        file.Address.ShouldBeNull();
        file.Forms.Select(f => f.Name).ShouldBe(["kiosk-pc.img.000", "kiosk-pc.img.001", "kiosk-pc.img.parts"]);
        file.Forms[1].ShouldBe(new("kiosk-pc.img.001", 4, new Uri(At, "kiosk/20261121.0/kiosk-pc.img.001")));
    }

    [Theory]
    [InlineData("no record", null, "it has no inputs.json")]
    [InlineData("a damaged record", "{", "")]
    [InlineData("another's record", "{\"format\":1,\"image\":\"lobby\",\"version\":\"20261121.0\",\"previous\":null,\"commit\":null,\"labels\":{},\"targets\":{}}", "its record is of lobby 20261121.0")]
    public async Task A_release_that_cannot_be_read_is_left_out_and_said(string what, string? record, string complaint)
    {
        _store.Add("kiosk", "20261121.0", ReleaseStore.Target("pc", "kiosk-pc.img", "raw"));
        if (record is null)
            File.Delete(_store["kiosk/20261121.0/inputs.json"]);
        else
            File.WriteAllText(_store["kiosk/20261121.0/inputs.json"], record);
        var read = await new CatalogueReader(_store.Reader, null).ReadAsync(Workspace, Ct);
        read.Value!.Releases.ShouldBeEmpty(what);
        var diagnostic = read.Diagnostics.ShouldHaveSingleItem();
        diagnostic.Rule.ShouldBe(ListingRules.Unreadable);
        diagnostic.Message.ShouldContain(complaint);
    }

    private async Task<Catalogue> ReadAsync(Uri? filesAt)
    {
        var read = await new CatalogueReader(_store.Reader, filesAt).ReadAsync(Workspace, Ct);
        read.Diagnostics.ShouldBeEmpty();
        return read.Value!;
    }
}
