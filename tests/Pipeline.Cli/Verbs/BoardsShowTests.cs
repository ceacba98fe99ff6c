using System.Text.Json;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Cli.Verbs;

public sealed class BoardsShowTests : IDisposable
{
    private readonly TarRepository _repository = new();

    [Theory]
    [InlineData("100")]
    [InlineData("60")]
    public void The_disk_is_drawn_as_wide_as_the_terminal(string columns)
    {
        var pipeline = _repository.Pipeline;
        pipeline.Environment["COLUMNS"] = columns;
        var shown = pipeline.Run("boards", "show", "orangepi-pc");
        shown.ExitCode.ShouldBe(0, shown.Output);
        Golden.Match($"board-map-{columns}.txt", shown.Stdout);
        var lines = shown.Stdout.Split('\n');
        lines.Skip(1).ShouldAllBe(l => l.Length <= int.Parse(columns) || l.Contains(", partitions at", StringComparison.Ordinal));
        lines[3].Length.ShouldBe(int.Parse(columns));
    }

    [Fact]
    public void A_board_of_the_repository_and_a_file_are_drawn_too()
    {
        _repository.Pipeline.Run("boards", "show", "box").Stdout.ShouldContain("root, partition 1, Linux root (x86-64), ext4, /");
        _repository.Pipeline.Run("boards", "show", "boards/box.yaml").Stdout.ShouldContain("box: A box\nGPT");
        var json = JsonDocument.Parse(_repository.Pipeline.Run("boards", "show", "box", "--json").Stdout).RootElement;
        json.GetProperty("type").GetString().ShouldBe("boardMap");
        json.GetProperty("parts")[1].GetProperty("offsetBytes").GetInt64().ShouldBe(440);
        _repository.Pipeline.Run("boards", "show", "box", "--svg", "box.svg").ExitCode.ShouldBe(0);
        File.ReadAllText(_repository["box.svg"]).ShouldStartWith("<svg ");
    }

    [Fact]
    public void Colours_are_for_terminals_only() => _repository.Pipeline.Run("boards", "show", "box").Stdout.ShouldNotContain("\e[");

    [Fact]
    public void A_board_with_mistakes_and_one_that_is_not_there()
    {
        _repository.Write("bad.yaml", "description: x\n");
        var bad = _repository.Pipeline.Run("boards", "show", "bad.yaml");
        bad.ExitCode.ShouldBe(1, bad.Output);
        bad.Stderr.ShouldContain("bad.yaml:1:1: error PL1");
        var none = _repository.Pipeline.Run("boards", "show", "nonesuch");
        none.ExitCode.ShouldBe(2, none.Output);
        none.Stderr.ShouldMatch("there is no board 'nonesuch'; expected one of .*box, ");
    }

    [Fact]
    public void Arm_is_listed_with_its_variant() => _repository.Pipeline.Run("boards").Stdout.ShouldMatch("orangepi-pc +linux/arm/v7 ");

    public void Dispose() => _repository.Dispose();
}
