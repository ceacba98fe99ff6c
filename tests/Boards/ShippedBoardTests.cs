using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Reporting;
using Pipeline.Engine.Building;
using Pipeline.Engine.Manifests;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Planning;
using Pipeline.Kit;
using Pipeline.Oci.Sources;
using Shouldly;
using Xunit;

namespace Pipeline.Boards;

/// <summary>The finished image of each shipped board has, byte by byte, what its vendor's documents want where they want it.</summary>
public sealed class ShippedBoardTests : IDisposable
{
    private readonly TempDir _temp = new();

    public static TheoryData<string> Boards => [.. BoardTable.All.Select(f => f.Board)];

    public static TheoryData<string> BoardsWithLoaders => [.. BoardTable.All.Where(f => f.Places.Length > 0 && ShippedBoards.Read(f.Board).Blobs.Length > 0).Select(f => f.Board)];

    public static TheoryData<string> BoardsWithFiles => [.. BoardTable.All.Where(f => f.FatFiles.Length > 1 && ShippedBoards.Read(f.Board).Boot.FirmwareFiles.Length > 0).Select(f => f.Board)];

    [Fact]
    public void Every_shipped_board_is_here() =>
        BoardTable.All.Select(f => f.Board).Order(StringComparer.Ordinal).ShouldBe(ShippedBoards.Names.Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Boards))]
    public async Task Finished_image_is_as_the_documents_say(string name) =>
        string.Join('\n', await ComplaintsAsync(ShippedBoards.Read(name))).ShouldBe("");

    /// <summary>A loader one sector off must not go unseen, wherever the board has one.</summary>
    [Theory]
    [MemberData(nameof(BoardsWithLoaders))]
    public async Task Loaders_one_sector_off_are_noticed(string name)
    {
        var board = ShippedBoards.Read(name);
        var shifted = board with { Blobs = [.. board.Blobs.Select(b => b with { Offset = new(b.Offset.Bytes + 512), KeepRanges = [] })] };

        var complaints = await ComplaintsAsync(shifted);

        var places = BoardTable.All.Single(f => f.Board == name).Places;
        complaints.Count(c => c.Contains(" does not lie at byte ", StringComparison.Ordinal)).ShouldBe(places.Length, string.Join('\n', complaints));
    }

    [Fact]
    public async Task A_core_image_elsewhere_is_noticed()
    {
        var board = ShippedBoards.Read("pc-x86_64");
        var moved = board with { Partitions = board.Partitions.SetItem(0, board.Partitions[0] with { Offset = new(2 << 20) }) };

        var complaints = await ComplaintsAsync(moved);

        complaints.ShouldContain(c => c.StartsWith("at byte 0 + 92 there is no ", StringComparison.Ordinal));
        complaints.ShouldContain(c => c.Contains("diskboot.img does not lie at byte 1048576", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Boards))]
    public async Task Missing_flags_are_noticed(string name)
    {
        var board = ShippedBoards.Read(name);
        var plain = board with { Partitions = [.. board.Partitions.Select(p => p with { Flags = new(0, false, false, false) })] };

        var complaints = await ComplaintsAsync(plain);

        complaints.ShouldContain(c => c.Contains(" has the flags '', not ", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(BoardsWithFiles))]
    public async Task Firmware_files_under_another_name_are_noticed(string name)
    {
        var board = ShippedBoards.Read(name);
        var renamed = board with { Boot = board.Boot with { FirmwareFiles = [.. board.Boot.FirmwareFiles.Select(f => (f.ContainerPath, f.TargetPath + ".old"))] } };

        var complaints = await ComplaintsAsync(renamed);

        complaints.Count.ShouldBe(BoardTable.All.Single(f => f.Board == name).FatFiles.Length, string.Join('\n', complaints));
    }

    public void Dispose() => _temp.Dispose();

    private async Task<IReadOnlyList<string>> ComplaintsAsync(BoardManifest board) =>
        BoardJudge.Complaints(await BuildAsync(board), board, BoardTable.All.Single(f => f.Board == board.Name));

    private async Task<string> BuildAsync(BoardManifest board)
    {
        Directory.CreateDirectory(_temp["out"]);
        var source = BoardContainer.Create(board);
        var builder = new ImageBuilder(new()
        {
            OpenSource = _ => new Result<IImageSource>(source, []),
            CacheDirectory = _temp["cache"],
            SourceDateEpoch = 1_700_000_000,
        });
        var target = new Target(SampleImages.Image("card", "tar:x"), board, new(OutputKind.Disk, OutputCompression.None, false, null), null, null, null);
        var built = (await builder.BuildAsync([target], new(_temp["out"], SilentReporter.Instance), TestContext.Current.CancellationToken)).Single();
        built.IsOk.ShouldBeTrue(string.Join('\n', built.Diagnostics));
        built.Diagnostics.ShouldBeEmpty();
        return built.Value!.Files[0].Path;
    }
}
