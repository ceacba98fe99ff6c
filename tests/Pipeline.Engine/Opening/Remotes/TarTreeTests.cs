using Pipeline.Core.Units;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Opening.Remotes;

public sealed class TarTreeTests : IDisposable
{
    private readonly TempDir _temp = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _temp.Dispose();

    /// <summary>The judge is GNU tar, which packs it and unpacks it beside us.</summary>
    [Fact]
    public async Task A_tar_is_written_as_tar_writes_it()
    {
        PipelineProcess.Bash($"cd '{_temp.Path}' && mkdir -p in/images/x judge && echo a > in/images/x/image.yaml && echo b > in/run.sh && chmod 755 in/run.sh && chmod 644 in/images/x/image.yaml && ln -s images/x/image.yaml in/link && ln -s /etc/passwd in/out && tar -C in -czf t.tgz . && tar -C judge -xzf t.tgz");
        var tree = new TarTree(Directory.CreateDirectory(_temp["ours"]).FullName, 100, ByteSize.MiB(1));
        await tree.WriteAsync(File.ReadAllBytes(_temp["t.tgz"]), Ct);
        tree.WriteLinks();
        Tool.Require("diff", "-r", "--no-dereference", _temp["judge"], _temp["ours"]);
        (await TreeDigest.ComputeAsync(_temp["judge"], Ct)).ShouldBe(await TreeDigest.ComputeAsync(_temp["ours"], Ct));
        Tool.Require("chmod", "644", Path.Combine(_temp["ours"], "run.sh"));
        (await TreeDigest.ComputeAsync(_temp["judge"], Ct)).ShouldNotBe(await TreeDigest.ComputeAsync(_temp["ours"], Ct), "the digest sees a mode");
    }

    public static TheoryData<string, byte[]> Hostile => new()
    {
        { "a name that climbs", new TarBuilder().File("../x", "x").ToArray() },
        { "an absolute name", new TarBuilder().File("/x", "x").ToArray() },
        { "a name that climbs on the way", new TarBuilder().File("a/../../x", "x").ToArray() },
        { "through a link", new TarBuilder().SymbolicLink("dir", "/tmp").File("dir/x", "x").ToArray() },
        { "a link above a file", new TarBuilder().File("dir/x", "x").SymbolicLink("dir", "/tmp").SymbolicLink("dir/y", "/tmp").ToArray() },
        { "a pipe", new TarBuilder().Add(new TarItem("pipe", '6')).ToArray() },
        { "a hard link", new TarBuilder().Add(new TarItem("hard", '1') { Link = "/etc/passwd" }).ToArray() },
        { "too many", Enumerable.Range(0, 6).Aggregate(new TarBuilder(), (t, i) => t.File($"f{i}", "x")).ToArray() },
        { "too large", new TarBuilder().File("large", new string('x', 5000)).ToArray() },
        { "a file as a folder", new TarBuilder().File("a/b", "x").File("a", "x").ToArray() },
    };

    [Theory]
    [MemberData(nameof(Hostile))]
    public async Task Hostile_tars_are_refused_and_nothing_is_written_outside(string what, byte[] tar)
    {
        var root = Directory.CreateDirectory(_temp["root"]).FullName;
        var tree = new TarTree(root, 5, new ByteSize(4096));
        await Should.ThrowAsync<InvalidDataException>(() => tree.WriteAsync(tar, Ct), what);
        Directory.GetFileSystemEntries(_temp.Path).ShouldBe([root]);
    }
}
