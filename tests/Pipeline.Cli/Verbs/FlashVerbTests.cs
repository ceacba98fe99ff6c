using System.Text.Json;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Cli.Verbs;

public sealed class FlashVerbTests : IDisposable
{
    private readonly TempDir _temp = new();

    private PipelineCommand Pipeline => new(_temp.Path);

    [Fact]
    public void An_image_is_written_into_the_file_of_an_emulator()
    {
        DiskImages.Make(_temp["disk.img"], "gpt");
        DiskImages.Pack(_temp["disk.img"], "zst");
        Empty("card", 40);
        var result = Pipeline.Run("flash", "disk.img.zst", "card", "--file", "--yes");
        result.ExitCode.ShouldBe(0, result.Output);
        result.Stderr.ShouldContain("image: disk.img.zst, GPT, at least 24 MiB");
        result.Stderr.ShouldContain("disk: card, 40 MiB, a file");
        result.Stdout.ShouldContain("24.0 MiB read back and right; the backup GPT lies at the disk's end");
        PartitionTableJudge.Complaints(_temp["card"], 512, "Caution: Partition").ShouldBeEmpty();
    }

    [Fact]
    public void A_release_is_written_by_its_name_and_board()
    {
        Directory.CreateDirectory(_temp["releases/kiosk/20260101.0"]);
        DiskImages.Make(_temp["releases/kiosk/20260101.0/kiosk-box.img"], "mbr");
        DiskImages.Pack(_temp["releases/kiosk/20260101.0/kiosk-box.img"], "zst");
        File.WriteAllText(_temp["releases/kiosk/20260101.0/SHA256SUMS"], Tool.Require("bash", "-c", $"cd '{_temp["releases/kiosk/20260101.0"]}' && sha256sum -b *"));
        Directory.CreateSymbolicLink(_temp["releases/kiosk/latest"], "20260101.0");
        Empty("card", 40);
        var done = Pipeline.Run("flash", "kiosk", "card", "--board", "box", "--file", "-y", "--json");
        done.ExitCode.ShouldBe(0, done.Output);
        var flashed = done.Stdout.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement).Last();
        (flashed.GetProperty("type").GetString(), flashed.GetProperty("status").GetString()).ShouldBe(("flashed", "done"));
        flashed.GetProperty("verifiedBytes").GetInt64().ShouldBe(24 << 20);
        var sums = File.ReadAllText(_temp["releases/kiosk/latest/SHA256SUMS"]);
        File.WriteAllText(_temp["releases/kiosk/latest/SHA256SUMS"], (sums[0] == '0' ? '1' : '0') + sums[1..]);
        var refused = Pipeline.Run("flash", "kiosk/20260101.0", "card", "--file", "-y");
        refused.ExitCode.ShouldBe(1, refused.Output);
        refused.Stderr.ShouldContain("error PL6231");
        refused.Stderr.ShouldContain("warning PL6235: 'card' is half-written");
    }

    [Theory]
    [InlineData("nobody to ask", 2, "say --yes", "flash disk.img card --file")]
    [InlineData("no device", 2, "say which disk", "flash disk.img")]
    [InlineData("no such device", 1, "PL6210", "flash disk.img /dev/no-such-disk -y")]
    [InlineData("a file without --file", 1, "PL6211", "flash disk.img card -y")]
    [InlineData("a directory", 1, "PL6211", "flash disk.img . -y")]
    [InlineData("no disk", 1, "PL6211", "flash disk.img /dev/null -y")]
    [InlineData("no image", 1, "PL6201", "flash other.img card --file -y")]
    [InlineData("a map and none", 2, "exclude each other", "flash disk.img card --bmap m --no-bmap")]
    [InlineData("an odd sector", 2, "expected 512 or 4096", "flash disk.img card --sector-size 520")]
    [InlineData("too small", 1, "PL6219", "flash disk.img small --file -y")]
    [InlineData("no such file", 1, "PL6225: 'nothing' is not there", "flash disk.img nothing --file -y")]
    [InlineData("an empty file", 1, "PL6225: 'empty' is empty", "flash disk.img empty --file -y")]
    [InlineData("a directory as a file", 1, "PL6225: '.' is a directory", "flash disk.img . --file -y")]
    [InlineData("a pipe as a file", 1, "PL6225: 'pipe' is a pipe", "flash disk.img pipe --file -y")]
    [InlineData("a pipe as the image", 1, "PL6207: 'pipe' is not a disk image: it is a pipe", "flash pipe card --file -y")]
    [InlineData("a directory that was half copied", 1, "PL6226: the directory 'half' has no SHA256SUMS", "flash half card --file -y")]
    [InlineData("checksums that are a pipe", 1, "PL6204", "flash piped card --file -y")]
    public void What_cannot_be_is_refused(string what, int exitCode, string complaint, string line)
    {
        Tool.Require("mkfifo", _temp["pipe"]);
        File.WriteAllBytes(_temp["empty"], []);
        Directory.CreateDirectory(_temp["half"]);
        Directory.CreateDirectory(_temp["piped"]);
        Tool.Require("mkfifo", _temp["piped/SHA256SUMS"]);
        DiskImages.Make(_temp["disk.img"], "mbr");
        Empty("card", 40);
        Empty("small", 4);
        var result = Pipeline.Run(line.Split(' '));
        result.ExitCode.ShouldBe(exitCode, $"{what}\n{result.Output}");
        result.Stderr.ShouldContain(complaint);
        File.ReadAllBytes(_temp["card"]).ShouldAllBe(b => b == 0);
    }

    [Fact]
    public void Ctrl_C_says_what_the_disk_is_now()
    {
        DiskImages.Make(_temp["disk.img"], "mbr", 2L << 30);
        Empty("card", 2048);
        DiskImages.Fill(_temp["card"], 0, 4096, 1);
        var result = Pipeline.Interrupted(false, () => IsWiped(_temp["card"]), "flash", "disk.img", "card", "--file", "-y");
        result.ExitCode.ShouldBe(130, result.Output);
        result.Stderr.ShouldContain("PL6235: 'card' is half-written and starts nothing");
        result.Stderr.ShouldNotContain("nothing was left behind");
        IsWiped(_temp["card"]).ShouldBeTrue();
    }

    /// <summary>Nothing is known of the disks of the machine that the tests run on, but that they can be listed.</summary>
    [Fact]
    public void Without_arguments_the_disks_are_listed()
    {
        Pipeline.Run("flash").ExitCode.ShouldBe(0);
        Pipeline.Run("flash", "--json").Stdout.ShouldNotContain("\"transport\":\"loop\"");
    }

    [Fact]
    public void The_answer_is_asked_on_a_terminal()
    {
        DiskImages.Make(_temp["disk.img"], "mbr");
        Empty("card", 40);
        Ask("no").ShouldContain("nothing was written");
        File.ReadAllBytes(_temp["card"]).ShouldAllBe(b => b == 0);
        var said = Ask("yes");
        said.ShouldContain("All that is on card is lost. Type 'yes' to go on:");
        said.ShouldContain("read back and right");
    }

    /// <summary>script(1) gives the program a terminal of its own.</summary>
    private string Ask(string answer)
    {
        var start = new System.Diagnostics.ProcessStartInfo("script", ["--quiet", "--return", "--command", $"{PipelineProcess.Dotnet} {PipelineProcess.Dll} flash disk.img card --file", "/dev/null"]) { WorkingDirectory = _temp.Path };
        return Tool.Run(start, answer + "\n").Output;
    }

    private static bool IsWiped(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var start = new byte[4096];
        file.ReadExactly(start);
        return !start.AsSpan().ContainsAnyExcept((byte)0);
    }

    private void Empty(string name, int mebibytes)
    {
        using var file = File.Create(_temp[name]);
        file.SetLength((long)mebibytes << 20);
    }

    public void Dispose() => _temp.Dispose();
}
