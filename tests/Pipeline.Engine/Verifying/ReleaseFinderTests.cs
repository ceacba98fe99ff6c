using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Verifying;

public sealed class ReleaseFinderTests : IAsyncLifetime
{
    private SignedRelease _release = null!;
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _release = await SignedRelease.MakeAsync(null, Ct);

    public ValueTask DisposeAsync()
    {
        _release.Dispose();
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData("kiosk")]
    [InlineData("kiosk/20261121.0")]
    [InlineData("kiosk@20261121.0")]
    [InlineData("kiosk-20261121.0")]
    public async Task A_release_is_found_by_its_name(string what)
    {
        var found = (await Finder.FindAsync(what, Ct)).Value.ShouldNotBeNull();
        found.Files.Location.ShouldBe(_release.Directory);
        found.File.ShouldBeNull();
        found.Expected!.Image.ShouldBe("kiosk");
    }

    [Fact]
    public async Task Files_and_directories_are_found_by_their_path()
    {
        (await Finder.FindAsync(_release.Directory, Ct)).Value!.Expected.ShouldBeNull();
        (await Finder.FindAsync(Path.GetDirectoryName(_release.Directory)!, Ct)).Value!.Files.Location.ShouldBe(_release.Directory);
        (await Finder.FindAsync(_release["kiosk-pc.img"], Ct)).Value!.File.ShouldBe("kiosk-pc.img");
        (await Finder.FindAsync(_release["SHA256SUMS"], Ct)).Value!.File.ShouldBeNull();
    }

    [Theory]
    [InlineData("desk")]
    [InlineData("kiosk/20261122.0")]
    [InlineData("kiosk/latest")]
    [InlineData("kiosk/../kiosk")]
    [InlineData("../kiosk")]
    [InlineData("")]
    public async Task What_is_not_there_is_told(string what) =>
        (await Finder.FindAsync(what.Length == 0 ? _release.Factory.Temp["nothing"] : what, Ct)).Diagnostics.ShouldHaveSingleItem().Rule.ShouldBe(VerifyRules.NotFound);

    /// <summary>It is there, so it must not be said that it is not.</summary>
    [Fact]
    public async Task A_directory_that_was_half_copied_is_told()
    {
        File.Delete(_release["SHA256SUMS"]);
        (await Finder.FindAsync(_release.Directory, Ct)).Diagnostics.ShouldHaveSingleItem().Rule.ShouldBe(VerifyRules.NoChecksums);
    }

    private ReleaseFinder Finder => new(_release.Factory.Host(), "the releases");
}
