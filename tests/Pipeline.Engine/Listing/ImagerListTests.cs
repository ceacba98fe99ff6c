using System.Collections.Immutable;
using System.Text;
using Pipeline.Core.Units;
using Pipeline.Engine.Manifests;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Planning;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Listing;

public sealed class ImagerListTests
{
    private static readonly Uri At = new("https://example.org/releases/");
    private static readonly ImmutableDictionary<string, BoardManifest> Boards = new[]
    {
        SampleImages.Board("pi4", SampleImages.Arm64) with { Imager = new("Raspberry Pi 4", ["pi4-64bit"], "armv8", "https://example.org/pi4.png") },
        SampleImages.Board("pi5", SampleImages.Arm64) with { Imager = new("Raspberry Pi 5", ["pi5-64bit"], "armv8", null) },
        SampleImages.Board("pi3", SampleImages.Arm64) with { Imager = new("Raspberry Pi 3", ["pi3-64bit"], "armv8", null) },
        SampleImages.Board("pc", SampleImages.Amd64),
    }.ToImmutableDictionary(b => b.Name, StringComparer.Ordinal);

    [Fact]
    public void The_list_reads_as_documented_and_Imager_would_show_all_of_it()
    {
        var list = List();
        list.Diagnostics.ShouldBeEmpty();
        Golden.Match("os_list.json", Encoding.UTF8.GetString(list.Write(isWhole: true)));
        ImagerJudge.Complaints(list.Write(isWhole: true)).ShouldBeEmpty();
        ImagerJudge.Complaints(list.Write(isWhole: false)).ShouldBeEmpty();
        Encoding.UTF8.GetString(list.Write(isWhole: false)).ShouldNotContain("\"imager\"");
        list.Devices.Select(d => d.Name).ShouldBe(["Raspberry Pi 4", "Raspberry Pi 5"], "a device without an image would show an empty page");
    }

    [Theory]
    [InlineData("a key that is missing", "\"extract_sha256\"", "\"extract_sum\"")]
    [InlineData("a key of the outside", "\"imager\"", "\"imagers\"")]
    [InlineData("an unknown way of settings", "\"none\"", "\"ignition\"")]
    [InlineData("a size as a text", "\"extract_size\": 2147483648", "\"extract_size\": \"2147483648\"")]
    [InlineData("a date of another form", "2026-11-21", "21.11.2026")]
    [InlineData("a device that nobody has", "\"devices\": [\n        \"pi4-64bit\"", "\"devices\": [\n        \"pi9-64bit\"")]
    [InlineData("an address of a page", "https://example.org/releases/kiosk/20261121.0/kiosk-pi4.img.xz", "kiosk-pi4.img.xz")]
    [InlineData("two of one name", "kiosk for Raspberry Pi 5", "kiosk for Raspberry Pi 4")]
    public void The_judge_of_lists_can_say_no(string what, string old, string now)
    {
        var text = Encoding.UTF8.GetString(List().Write(isWhole: true));
        text.ShouldContain(old, customMessage: what);
        ImagerJudge.Complaints(Encoding.UTF8.GetBytes(text.Replace(old, now, StringComparison.Ordinal))).ShouldNotBeEmpty(what);
    }

    [Fact]
    public void What_Imager_could_not_fetch_or_check_is_left_out_and_said()
    {
        var sound = Image("kiosk-pi4.img.xz");
        (OfferedFile File, string? Code)[] cases =
        [
            (sound, null),
            (sound with { Address = null }, "PL6502"),
            (sound with { Address = null, Forms = [new("kiosk-pi4.img.xz.000", 1, null)] }, "PL6503"),
            (sound with { File = sound.File with { Unpacked = null } }, "PL6504"),
            (sound with { File = sound.File with { Name = "kiosk-pi4.img", Unpacked = null } }, null),
        ];
        foreach (var (file, code) in cases)
        {
            var list = ImagerList.Of(new([Release("kiosk", new OfferedTarget("kiosk/pi4/disk", "pi4", "disk", "linux/arm64", "20261121.0", [file]))]), Boards);
            list.Diagnostics.Select(d => d.Rule.Code).ShouldBe(code is null ? [] : [code]);
            list.Entries.Length.ShouldBe(code is null ? 1 : 0);
        }
    }

    [Fact]
    public void What_is_no_medium_is_not_offered()
    {
        var list = ImagerList.Of(new([Release("kiosk", Target("pi4", "netboot", "kiosk-pi4.ipxe"), Target("pc", "disk", "kiosk-pc.img.xz"))]), Boards);
        list.Entries.ShouldBeEmpty();
        list.Devices.ShouldBeEmpty();
    }

    [Fact]
    public void Two_outputs_for_one_machine_have_two_names()
    {
        var list = ImagerList.Of(new([Release("kiosk", Target("pi4", "disk", "kiosk-pi4.img.xz"), Target("pi4", "live", "kiosk-pi4.live.img.xz"))]), Boards);
        ImagerJudge.Complaints(list.Write(isWhole: true)).ShouldBeEmpty();
        Encoding.UTF8.GetString(list.Write(isWhole: true)).ShouldContain("\"name\": \"kiosk for pi4, live\"");
    }

    [Theory]
    [InlineData("raspberry-pi-5", "pi5-64bit", "armv8")]
    [InlineData("raspberry-pi-4", "pi4-64bit", "armv8")]
    [InlineData("raspberry-pi-3", "pi3-64bit", "armv8")]
    [InlineData("raspberry-pi-zero", "pi1-32bit", null)]
    public void Shipped_boards_are_known_to_Imager(string board, string tag, string? architecture)
    {
        var device = ShippedBoards.Read(board).Imager!;
        (device.Tags.Single(), device.Architecture, device.Icon).ShouldBe((tag, architecture, null));
        ShippedBoards.Read("uefi-x86_64").Imager.ShouldBeNull();
    }

    private static ImagerList List()
    {
        var map = new OfferedFile(new("kiosk-pi4.img.bmap", new(100), Digest.Sha256("map"u8)), new Uri(At, "kiosk/20261121.0/kiosk-pi4.img.bmap"), []);
        var first = Target("pi4", "disk", "kiosk-pi4.img.xz");
        return ImagerList.Of(
            new([Release("kiosk", first with { Files = [.. first.Files, map] }, Target("pi5", "disk", "kiosk-pi5.img.xz"), Target("pc", "disk", "kiosk-pc.img.xz")), Release("lobby", Target("pi4", "disk", "lobby-pi4.img.xz"))]),
            Boards);
    }

    private static OfferedRelease Release(string image, params OfferedTarget[] targets) => new(
        image, $"The {image} image", new(new(2026, 11, 21), 0), [new(new(2026, 11, 21), 0)], [.. targets], ImmutableSortedDictionary<string, Uri>.Empty)
    {
        Page = new(At, $"{image}/20261121.0/"),
    };

    private static OfferedTarget Target(string board, string output, string name) => new($"kiosk/{board}/{output}", board, output, "linux/arm64", "20261121.0", [Image(name)]);

    private static OfferedFile Image(string name) => new(
        new(name, new(300 << 20), Digest.Sha256("packed"u8)) { Unpacked = new(new(2L << 30), Digest.Sha256("unpacked"u8)) }, new Uri(At, $"{name.Split('-')[0]}/20261121.0/{name}"), []);
}
