using Pipeline.Kit;
using Pipeline.Core.Units;
using Pipeline.Oci.Documents;
using Pipeline.Oci.Platforms;
using Shouldly;
using Xunit;

namespace Pipeline.Oci.Sources;

/// <summary>Pulls from the real docker-registry: every packing, both families of media types, pushed by hand and by skopeo.</summary>
public sealed class DockerRegistryTests : IAsyncLifetime
{
    private static readonly string[] Platforms = ["linux/amd64", "linux/arm64/v8", "linux/arm/v6", "linux/riscv64"];
    private readonly TempDir _temp = new();
    private DockerRegistry _registry = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _registry = await DockerRegistry.StartAsync(Ct);

    public ValueTask DisposeAsync()
    {
        _registry.Dispose();
        _temp.Dispose();
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData(Packing.Gzip, false)]
    [InlineData(Packing.Zstd, false)]
    [InlineData(Packing.None, false)]
    [InlineData(Packing.Gzip, true)]
    [InlineData(Packing.None, true)]
    public async Task A_pushed_index_is_pulled_for_each_platform(Packing packing, bool isDocker)
    {
        var (layout, index) = Write(packing, isDocker);
        await _registry.PushAsync(layout, index, "team/system", "1.0", Ct);
        await PullAllAsync(layout, $"{_registry.Host}/team/system:1.0", index.Digest);
    }

    [Fact]
    public async Task What_skopeo_pushed_is_pulled_the_same()
    {
        var (layout, index) = Write(Packing.Gzip, isDocker: false);
        Tool.Require("skopeo", "copy", "--all", "--dest-tls-verify=false", $"oci:{layout.DirectoryPath}:main", $"docker://{_registry.Host}/by/skopeo:main");
        await PullAllAsync(layout, $"docker://{_registry.Host}/by/skopeo:main", index.Digest);
    }

    [Fact]
    public async Task A_tag_or_repository_that_is_not_there_is_said_so()
    {
        var (layout, index) = Write(Packing.Gzip, isDocker: false);
        await _registry.PushAsync(layout, index, "team/system", "1.0", Ct);
        await using var sources = Sources();
        var wrongTag = await Open(sources, $"{_registry.Host}/team/system:1.1").LookAsync(Ct);
        wrongTag.Diagnostics.ShouldHaveSingleItem().Message.ShouldBe($"'{_registry.Host}/team/system' has no tag '1.1'; it has 1.0");
        var wrongName = await Open(sources, $"{_registry.Host}/team/sistem:1.0").LookAsync(Ct);
        wrongName.Diagnostics.ShouldHaveSingleItem().Rule.Code.ShouldBe("PL2062");
        var wrongPlatform = await Open(sources, $"{_registry.Host}/team/system:1.0").SelectAsync(Platform.Of("linux", "s390x", null), Ct);
        wrongPlatform.Diagnostics.ShouldHaveSingleItem().Message.ShouldEndWith(
            "is not offered for linux/s390x; offered: linux/amd64, linux/arm64, linux/arm/v6, linux/riscv64");
    }

    private (OciLayoutWriter Layout, Descriptor Index) Write(Packing packing, bool isDocker)
    {
        var layout = new OciLayoutWriter(_temp["layout"]) { IsDocker = isDocker };
        var shared = layout.AddLayer(OciLayoutWriter.TarOf(("etc/os-release", "ID=test\n")), packing);
        var images = Platforms.Select(p => (p, layout.AddImage(p, [shared, layout.AddLayer(OciLayoutWriter.TarOf(("arch", p)), packing)], ("made.for", p))));
        var index = layout.AddIndex(images, hasAttestations: !isDocker);
        layout.Tag("main", index);
        return (layout, index);
    }

    private async Task PullAllAsync(OciLayoutWriter layout, string text, Digest index)
    {
        await using var sources = Sources();
        foreach (var name in Platforms)
        {
            await using var source = Open(sources, text);
            var image = await source.SelectAsync(Platform.Parse(name, null).Value!, Ct);
            image.Diagnostics.ShouldBeEmpty();
            image.Value!.LookDigest.ShouldBe(index);
            image.Value.Labels["made.for"].ShouldBe(name);
            image.Value.DiffIds.Length.ShouldBe(2);
            foreach (var layer in image.Value.Layers)
                (await ReadAsync(source, layer)).ShouldBe(File.ReadAllBytes(layout.BlobPath(layer.Digest)));
            source.FindLocal(image.Value.Layers[0]).ShouldNotBeNull("what was read is in the cache");
        }
        sources.Cache.Describe().BlobCount.ShouldBe(1 + (Platforms.Length * 3) + 1);
    }

    private static async Task<byte[]> ReadAsync(IImageSource source, Descriptor layer)
    {
        await using var stream = await source.OpenUnverifiedAsync(layer, Ct);
        using var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes, Ct);
        return bytes.ToArray();
    }

    private ImageSources Sources() => new(new SourceOptions { CacheDirectory = _temp["cache"], Environment = _ => null });

    private static IImageSource Open(ImageSources sources, string text)
    {
        var opened = sources.Open(text, "/", null);
        opened.Diagnostics.ShouldBeEmpty();
        return opened.Value!;
    }
}
