using System.Collections.Immutable;
using Pipeline.Core.Blocks;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Reporting;
using Pipeline.Core.Units;
using Pipeline.Engine.Building;
using Pipeline.Engine.Planning;
using Pipeline.Engine.Publishing;
using Pipeline.Engine.Publishing.Reading;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Verifying;

/// <summary>Comparing with a builder that makes what it is told; the real one is at work in <c>EndToEnd/ProofTests</c>.</summary>
public sealed class RebuilderTests : IDisposable
{
    private static readonly byte[] Image = [.. Enumerable.Range(0, 3_000_000).Select(i => (byte)(i * 7 / 5))];
    private readonly Factory _factory = new();
    private readonly Maker _maker = new();
    private long? _epoch = -1;

    public RebuilderTests() => _factory.Sources.Push("base:1", "v1", "v1");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _factory.Dispose();

    [Fact]
    public async Task The_same_bytes_are_equal()
    {
        var report = await RunAsync(Image);
        report.Diagnostics.ShouldBeEmpty();
        report.Files.ShouldAllBe(f => f.Verdict == RebuildVerdict.Equal);
        report.Files.Length.ShouldBe(2);
    }

    [Fact]
    public async Task The_same_image_in_another_packing_is_equal_with_a_warning()
    {
        var report = await RunAsync(Zstd(Image, 1), Zstd(Image, 19));
        report.IsEqual.ShouldBeTrue();
        report.Files[0].Verdict.ShouldBe(RebuildVerdict.PackedDifferently);
        report.Diagnostics.ShouldHaveSingleItem().Rule.ShouldBe(VerifyRules.PackedDiffers);
    }

    [Theory]
    [InlineData(0, "head (byte 0 of it)")]
    [InlineData(1_500_000, "root: inode table (byte 500000 of it)")]
    [InlineData(2_999_999, "root (byte 1999999 of it)")]
    public async Task The_first_byte_that_differs_is_named_with_what_lies_there(int at, string place)
    {
        var other = Image.ToArray();
        other[at] ^= 1;
        foreach (var (released, rebuilt) in new[] { (Image, other), (Zstd(Image, 1), Zstd(other, 1)) })
        {
            var report = await RunAsync(released, rebuilt);
            report.IsEqual.ShouldBeFalse();
            report.Files[0].FirstByte.ShouldBe(at);
            report.Diagnostics.ShouldHaveSingleItem().Message.ShouldContain($"at byte {at} of the image, in {place}");
        }
    }

    [Fact]
    public async Task One_that_ends_earlier_differs_where_it_ends() => (await RunAsync(Image, Image[..^1])).Files[0].FirstByte.ShouldBe(Image.Length - 1);

    [Fact]
    public async Task A_release_that_cannot_be_unpacked_differs() => (await RunAsync([0x28, 0xB5, 0x2F, 0xFD, 1, 2, 3], Zstd(Image, 1))).Files[0].Verdict.ShouldBe(RebuildVerdict.Differs);

    [Fact]
    public async Task A_sidecar_that_differs_is_told()
    {
        _maker.Sidecar = "other";
        (await RunAsync(Image)).Diagnostics.ShouldHaveSingleItem().Rule.ShouldBe(VerifyRules.SidecarDiffers);
    }

    [Theory]
    [InlineData("1700000000", 1_700_000_000L)]
    [InlineData("of the source", null)]
    [InlineData(null, 42L)]
    public async Task The_clock_is_the_recorded_one(string? recorded, long? epoch)
    {
        await RunAsync(Image, Image, recorded);
        _epoch.ShouldBe(epoch);
    }

    [Fact]
    public async Task What_the_repository_no_longer_asks_for_cannot_be_built()
    {
        var report = await RunAsync(Image, Image, null, "pi");
        report.Files.ShouldAllBe(f => f.Verdict == RebuildVerdict.NotBuilt);
        report.Diagnostics.ShouldHaveSingleItem().Rule.ShouldBe(VerifyRules.NoSuchTarget);
    }

    [Fact]
    public async Task A_build_that_fails_is_told_with_its_reason()
    {
        _maker.Fails = true;
        (await RunAsync(Image)).Diagnostics.Select(d => d.Rule).ShouldBe([FakeBuilder.Refused, VerifyRules.NotRebuilt]);
    }

    [Fact]
    public async Task Inputs_that_differ_are_told_each()
    {
        _factory.ManifestInputs = (_, _) => new Dictionary<string, string> { ["board.platform"] = "linux/386", ["customize.hostname"] = "x" };
        var report = await RunAsync(Image);
        report.Diagnostics.Select(d => d.Rule).ShouldBe([VerifyRules.InputDiffers, VerifyRules.InputDiffers]);
        report.Files.ShouldAllBe(f => f.Verdict == RebuildVerdict.Equal, "what is the same is called so all the same");
    }

    private Task<RebuildReport> RunAsync(byte[] released, byte[]? rebuilt = null, string? epoch = null, string board = "pc")
    {
        var directory = Directory.CreateDirectory(_factory.Temp[$"release-{Guid.NewGuid():n}"]).FullName;
        File.WriteAllBytes(Path.Combine(directory, "kiosk.img"), released);
        File.WriteAllText(Path.Combine(directory, "kiosk.bmap"), "map");
        _maker.Image = rebuilt ?? released;
        return RunAsync(directory, epoch, board);
    }

    private async Task<RebuildReport> RunAsync(string directory, string? epoch, string board)
    {
        var workspace = SampleImages.Workspace(SampleImages.Image("kiosk", "base:1", "pc"));
        var inputs = new Dictionary<string, string> { ["board.platform"] = "linux/amd64", [InputNames.EngineFormat] = EngineFormat.Version };
        var resolved = (await _factory.Resolver().ResolveAsync(workspace, Resolving.TargetSelection.All, Ct)).Single();
        inputs[InputNames.SourceManifest] = resolved.Inputs!.Deciding[InputNames.SourceManifest];
        var observed = ImmutableSortedDictionary<string, string>.Empty;
        if (epoch is not null)
            observed = observed.Add(InputNames.BuildEpoch, epoch);
        var target = new PublishedTarget(
            $"kiosk/{board}/disk", "20261121.0", new(inputs.ToImmutableSortedDictionary(StringComparer.Ordinal), observed),
            [.. new[] { "kiosk.img", "kiosk.bmap" }.Select(n => Path.Combine(directory, n)).Select(p => new ReleaseFile(Path.GetFileName(p), new(new FileInfo(p).Length), Digest.Sha256(File.ReadAllBytes(p))))], []);
        var record = new ReleaseRecord("kiosk", "20261121.0", null, null, ImmutableSortedDictionary<string, string>.Empty, ImmutableSortedDictionary<string, PublishedTarget>.Empty.Add(target.Id, target));
        var parts = new RebuildParts(_factory.Resolver(), e => { _epoch = e; return _maker; }, SilentReporter.Instance, Directory.CreateDirectory(_factory.Temp["rebuild-scratch"]).FullName) { UsualEpoch = 42 };
        return await new Rebuilder(parts).RunAsync((_, _) => Task.FromResult<Result<Manifests.Models.Workspace>>(workspace), record, new LocalFiles(directory), _ => true, Ct);
    }

    private byte[] Zstd(byte[] content, int level)
    {
        File.WriteAllBytes(_factory.Temp["plain"], content);
        Tool.Require("zstd", "-q", "-f", $"-{level}", _factory.Temp["plain"], "-o", _factory.Temp["packed"]);
        return File.ReadAllBytes(_factory.Temp["packed"]);
    }

    /// <summary>Makes an image of given bytes with a map, and a sidecar.</summary>
    private sealed class Maker : IImageBuilder
    {
        public byte[] Image { get; set; } = [];

        public string Sidecar { get; set; } = "map";

        public bool Fails { get; set; }

        public Task<ImmutableArray<Result<Artifact>>> BuildAsync(ImmutableArray<Target> targetsOfOneSource, BuildContext context, CancellationToken ct)
        {
            if (Fails)
                return Task.FromResult<ImmutableArray<Result<Artifact>>>([Result<Artifact>.Failed(Diagnostic.Create(FakeBuilder.Refused, null, "x"))]);
            File.WriteAllBytes(Path.Combine(context.OutputDirectory, "kiosk.img"), Image);
            File.WriteAllText(Path.Combine(context.OutputDirectory, "kiosk.bmap"), Sidecar);
            ImmutableArray<Region> map = [new(0, 1_000_000, "head"), new(1_000_000, 2_000_000, "root"), new(1_000_000, 600_000, "root: inode table")];
            var files = new[] { "kiosk.img", "kiosk.bmap" }.Select(n => Path.Combine(context.OutputDirectory, n)).Select(p => new ArtifactFile(p, Path.GetFileName(p), new(new FileInfo(p).Length), Digest.Sha256(File.ReadAllBytes(p))));
            return Task.FromResult<ImmutableArray<Result<Artifact>>>([new Artifact(targetsOfOneSource[0], [.. files], map)]);
        }
    }
}
