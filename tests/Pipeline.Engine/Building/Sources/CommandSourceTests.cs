using Pipeline.Core.Diagnostics;
using Pipeline.Core.Units;
using Pipeline.Engine.Planning;
using Pipeline.Kit;
using Pipeline.Oci.Platforms;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Building.Sources;

public sealed class CommandSourceTests : IDisposable
{
    private readonly TempDir _temp = new();
    private readonly RecordingReporter _reporter = new();
    private int _run;

    [Fact]
    public async Task A_tar_is_kept_and_made_once()
    {
        Script("echo making for $PIPELINE_PLATFORM; echo $SOURCE_DATE_EPOCH $TZ > $PIPELINE_SCRATCH/x; cat $PIPELINE_SCRATCH/x > $PIPELINE_OUTPUT; echo ran >> ../ran");

        var first = await MakeAsync();
        var second = await MakeAsync();

        first.Diagnostics.ShouldBeEmpty();
        second.Value.ShouldBe(first.Value);
        first.Value!.ShouldStartWith("tar:" + _temp["cache"]);
        File.ReadAllText(first.Value![4..]).ShouldBe("1700000000 UTC\n");
        File.ReadAllText(_temp["ran"]).ShouldBe("ran\n");
        _reporter.Lines.ShouldContain("kiosk: making for linux/amd64");
    }

    [Theory]
    [InlineData("another platform", "linux/arm64", "f", 1_700_000_000)]
    [InlineData("another script", "linux/amd64", "g", 1_700_000_000)]
    [InlineData("another time", "linux/amd64", "f", 1_700_000_001)]
    public async Task What_decides_is_part_of_the_name(string what, string platform, string fingerprint, long epoch)
    {
        Script("echo x > $PIPELINE_OUTPUT; echo ran >> ../ran");
        var first = await MakeAsync();

        (await MakeAsync(platform, fingerprint, epoch)).Value.ShouldNotBe(first.Value, what);
        File.ReadAllText(_temp["ran"]).ShouldBe("ran\nran\n");
    }

    [Fact]
    public async Task Bare_32_bit_Arm_is_v7()
    {
        Script("echo $PIPELINE_PLATFORM > $PIPELINE_OUTPUT");

        File.ReadAllText((await MakeAsync("linux/arm")).Value![4..]).ShouldBe("linux/arm/v7\n");
    }

    [Fact]
    public async Task An_oci_layout_is_kept_whole()
    {
        Script("mkdir -p $PIPELINE_OUTPUT/blobs/sha256; echo '{}' > $PIPELINE_OUTPUT/index.json; echo b > $PIPELINE_OUTPUT/blobs/sha256/b");

        var made = await MakeAsync();

        made.Value!.ShouldStartWith("oci:");
        File.ReadAllText(Path.Combine(made.Value![4..], "blobs/sha256/b")).ShouldBe("b\n");
    }

    [Theory]
    [InlineData("fails", "#!/bin/sh\nfor i in $(seq 30); do echo line $i; done; echo bad >&2; exit 3", true, "PL4052")]
    [InlineData("dies", "#!/bin/sh\nkill -9 $$", true, "PL4052")]
    [InlineData("leaves nothing", "#!/bin/sh\ntrue", true, "PL4053")]
    [InlineData("is not executable", "#!/bin/sh\ntrue", false, "PL4054")]
    [InlineData("has an unknown interpreter", "#!/no/such/program\n", true, "PL4054")]
    public async Task A_script_that_does_not_do_it_is_told(string what, string text, bool isExecutable, string code)
    {
        Script(text, isExecutable);

        var made = await MakeAsync();

        made.Diagnostics.Single().Rule.Code.ShouldBe(code, what);
        if (what == "fails")
        {
            made.Diagnostics[0].Message.ShouldContain("ended with code 3");
            made.Diagnostics[0].Message.ShouldContain("bad");
            made.Diagnostics[0].Message.ShouldNotContain("line 5\n");
        }
        Directory.Exists(_temp["cache/commands"]).ShouldBeFalse("a failure is not kept");
    }

    [Fact]
    public async Task Ctrl_C_ends_the_script_and_its_children_and_keeps_nothing()
    {
        Script("echo half > $PIPELINE_OUTPUT; sleep 300 & echo $! > ../child; wait");
        using var cancel = new CancellationTokenSource();

        var made = MakeAsync(ct: cancel.Token);
        while (!File.Exists(_temp["child"]) || new FileInfo(_temp["child"]).Length == 0)
            await Task.Delay(20, TestContext.Current.CancellationToken);
        await cancel.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(made);
        var child = File.ReadAllText(_temp["child"]).Trim();
        for (var wait = 0; wait < 6000 && IsAlive(child); wait++)
            await Task.Delay(20, TestContext.Current.CancellationToken);
        IsAlive(child).ShouldBeFalse("the child of the script must end with it");
        Directory.Exists(_temp["cache/commands"]).ShouldBeFalse();
    }

    public void Dispose() => _temp.Dispose();

    /// <summary>A zombie that nobody waits for is not alive.</summary>
    private static bool IsAlive(string process)
    {
        try
        {
            return !File.ReadAllText($"/proc/{process}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }

    private void Script(string text, bool isExecutable = true)
    {
        Directory.CreateDirectory(_temp["image"]);
        File.WriteAllText(_temp["image/make"], text.StartsWith("#!", StringComparison.Ordinal) ? text : "#!/bin/sh\nset -eu\n" + text + "\n");
        Tool.Require("chmod", isExecutable ? "700" : "600", _temp["image/make"]);
    }

    private async Task<Result<string>> MakeAsync(string platform = "linux/amd64", string fingerprint = "f", long epoch = 1_700_000_000, CancellationToken ct = default)
    {
        var parts = platform.Split('/');
        var board = SampleImages.Board("box", new Platform(parts[0], parts[1], parts.Length > 2 ? parts[2] : null));
        var image = SampleImages.Image("kiosk", "command:make", "box");
        var command = new ResolvedCommand(_temp["image/make"], Digest.Sha256(System.Text.Encoding.UTF8.GetBytes(fingerprint)));
        var target = new Target(image, board, image.Outputs[0], command, null, null);
        var output = _temp[$"out{_run++}"];
        Directory.CreateDirectory(output);
        return await new CommandSource(new(_temp["cache"], TimeProvider.System), epoch).MakeAsync(command, target, new(output, _reporter), ct);
    }
}
