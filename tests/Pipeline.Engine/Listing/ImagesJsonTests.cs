using System.Collections.Immutable;
using System.Text;
using Pipeline.Core.Units;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Listing;

public sealed class ImagesJsonTests
{
    private static readonly Uri At = new("https://example.org/releases/kiosk/20261121.1/");

    [Fact]
    public void It_reads_as_documented_and_is_the_same_each_time()
    {
        var json = ImagesJson.Write(Sample());
        Golden.Match("images.json", Encoding.UTF8.GetString(json));
        ImagesJson.Write(Sample()).ShouldBe(json);
    }

    [Fact]
    public void Nothing_released_is_an_empty_list() => Encoding.UTF8.GetString(ImagesJson.Write(new([]))).ShouldBe("{\n  \"format\": 1,\n  \"images\": []\n}\n");

    private static Catalogue Sample() => new(
    [
        new("kiosk", "Kiosk for the \"lobby\" ü", new(new(2026, 11, 21), 1), [new(new(2026, 11, 21), 1), new(new(2026, 11, 20), 0)],
            [
                new("kiosk/pc/disk", "pc", "disk", "linux/amd64", "20261120.0",
                    [
                        new(new("kiosk-pc.img.zst", new(300), Digest.Sha256("packed"u8)) { Unpacked = new(new(4096), Digest.Sha256("raw"u8)) }, new(At, "kiosk-pc.img.zst"), []),
                        new(new("kiosk-pc.img.bmap", new(30), Digest.Sha256("map"u8)), new(At, "kiosk-pc.img.bmap"), []),
                    ]),
                new("kiosk/pi/disk", "pi", "disk", null, "20261121.1",
                    [new(new("kiosk-pi.img", new(5L << 30), Digest.Sha256("large"u8)), null, [new("kiosk-pi.img.zst", 1 << 30, new(At, "kiosk-pi.img.zst")), new("kiosk-pi.img.parts", 10, null)])]),
            ],
            ImmutableSortedDictionary<string, Uri>.Empty.Add("CHANGELOG.md", new(At, "CHANGELOG.md")))
        {
            Page = At,
        },
    ]);
}
