using System.Text.Json;
using Pipeline.Engine.Manifests;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Kit;
using Xunit;

namespace Pipeline.Boards;

/// <summary>The table of boards for users is what the board files say.</summary>
public sealed class BoardDocumentTests
{
    [Fact]
    public void Table_of_boards() =>
        Documents.MatchPart("docs/boards.md", "boards", string.Join('\n', ShippedBoards.Names.Select(n => Row(ShippedBoards.Read(n)))
            .Prepend("| --- | --- | --- | --- | --- | --- | --- |")
            .Prepend("| board | machine | platform | table | loaders | boot method | verified |")) + "\n");

    private static string Row(BoardManifest board) =>
        $"| `{board.Name}` | {board.Description} | `{board.Platform.FullName}` | {(board.Table.Kind == TableKind.Gpt ? "GPT" : "MBR")} | {Loaders(board)} "
        + $"| {string.Join(", ", board.Boot.Methods.Select(m => $"`{JsonNamingPolicy.KebabCaseLower.ConvertName(m.ToString())}`"))} | {board.Verified} |";

    private static string Loaders(BoardManifest board)
    {
        var blobs = board.Blobs.Select(b => $"{Path.GetFileName(b.ContainerPath)} at {Place(b.Offset.Bytes)}");
        var files = board.Boot.FirmwareFiles.Select(f => Path.GetFileName(f.TargetPath));
        var all = string.Join(", ", blobs.Concat(files));
        return all.Length == 0 ? "" : all;
    }

    /// <summary>As documents have it: whole KiB or MiB, else sectors.</summary>
    private static string Place(long bytes) => bytes switch
    {
        0 => "byte 0",
        _ when bytes % (1 << 20) == 0 => $"{bytes >> 20} MiB",
        _ when bytes % (1 << 10) == 0 && bytes < 1 << 20 => $"{bytes >> 10} KiB",
        _ => $"sector {bytes / 512}",
    };
}
