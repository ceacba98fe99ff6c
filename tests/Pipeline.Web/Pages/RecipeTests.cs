using Pipeline.Core.Units;
using Pipeline.Engine.Planning;
using Pipeline.Web.Status;
using Shouldly;
using Xunit;

namespace Pipeline.Web.Pages;

public sealed class RecipeTests
{
    private const string Address = "https://github.com/acme/images/releases/tag/kiosk-20261121.0";

    [Theory]
    [InlineData("disk", "kiosk-box.img.zst", "sudo pipeline flash kiosk-box.img.zst /dev/sdX", "zstd -dc kiosk-box.img.zst | sudo dd of=/dev/sdX bs=4M conv=fsync status=progress")]
    [InlineData("live", "kiosk-box.img.xz", "sudo pipeline flash kiosk-box.img.xz /dev/sdX", "xz -dc kiosk-box.img.xz | sudo dd of=/dev/sdX bs=4M conv=fsync status=progress")]
    [InlineData("disk", "kiosk-box.img.gz", "sudo pipeline flash kiosk-box.img.gz /dev/sdX", "gzip -dc kiosk-box.img.gz | sudo dd of=/dev/sdX bs=4M conv=fsync status=progress")]
    [InlineData("iso", "kiosk-box.iso", "sudo pipeline flash kiosk-box.iso /dev/sdX", "cat kiosk-box.iso | sudo dd of=/dev/sdX bs=4M conv=fsync status=progress")]
    [InlineData("esp", "kiosk-box.esp.tar", "tar -xf kiosk-box.esp.tar -C /media/stick")]
    [InlineData("netboot", "kiosk-box.vmlinuz")]
    public void Each_output_is_written_in_its_own_way(string output, string file, params string[] commands)
    {
        var steps = Recipe.Of(Target(output, file), Release("/srv/releases/kiosk/20261121.0"));
        steps.Select(s => s.Command).ShouldBe(["sha256sum -c --ignore-missing SHA256SUMS", .. commands]);
    }

    [Fact]
    public void What_has_an_address_is_fetched_first_with_all_that_proves_it()
    {
        var steps = Recipe.Of(Target("disk", "kiosk-box.img.zst"), Release(Address, "SHA256SUMS", "SHA256SUMS.sig"));
        const string files = "https://github.com/acme/images/releases/download/kiosk-20261121.0/";
        steps[0].Command.ShouldBe($"curl -LO {files}kiosk-box.img.zst\ncurl -LO {files}kiosk-box.img.zst.bmap\ncurl -LO {files}SHA256SUMS\ncurl -LO {files}SHA256SUMS.sig");
        steps[2].Command.ShouldBe("pipeline verify kiosk-box.img.zst --key release-key.pub.pem");
    }

    [Fact]
    public void Etcher_is_named_only_for_what_it_reads()
    {
        Hint("kiosk-box.img.zst").ShouldNotContain("Etcher");
        Hint("kiosk-box.img.xz").ShouldContain("Etcher");
    }

    private static string Hint(string file) => Recipe.Of(Target("disk", file), null)[^1].Hint;

    private static TargetStatus Target(string output, string file) => new(
        "box", output, ShownState.Current, [], [.. new[] { file, file + ".bmap" }.Select(n => new ReleaseFile(n, new ByteSize(1), Digest.Sha256("x"u8)))]);

    private static ReleaseStatus Release(string location, params string[] documents) =>
        new("20261121.0", location, null, [.. documents.Select(d => new ReleaseDocument(d, new ByteSize(1)))]);
}
