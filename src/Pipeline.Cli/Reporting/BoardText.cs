using System.Globalization;
using System.Text;
using System.Text.Json;
using Pipeline.Core.Units;
using Pipeline.Engine.Manifests.Models;

namespace Pipeline.Cli.Reporting;

/// <summary>A board as text and as JSON.</summary>
internal static class BoardText
{
    public static string Render(BoardManifest board, Paint paint)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{paint.Strong(board.Name)}: {board.Description}\n");
        text.Append(CultureInfo.InvariantCulture, $"platform {board.Platform.FullName}, {Word(board.Table.Kind)} with sectors of {board.SectorBytes} bytes, boots by {Methods(board)}, verified: {board.Verified}\n");
        if (board.Boot.DeviceTree is { } tree)
            text.Append(CultureInfo.InvariantCulture, $"device tree {tree}\n");
        var rows = board.Partitions.Select(p => (string[])["partition", p.Name, Word(p.FileSystem.Kind), SizeOf(p), p.MountPoint ?? ""])
            .Concat(board.Blobs.Select(b => (string[])["blob", b.Name, b.ContainerPath ?? b.RepositoryPath ?? "", "at " + b.Offset, b.Limit is { } limit ? $"at most {limit}" : ""]));
        text.Append(Text.Table([.. rows], (_, _, cell) => cell));
        foreach (var source in board.Sources)
            text.Append(CultureInfo.InvariantCulture, $"source: {source}\n");
        return text.ToString();
    }

    public static void Write(Utf8JsonWriter json, BoardManifest board)
    {
        json.WriteString("name", board.Name);
        json.WriteString("description", board.Description);
        json.WriteString("platform", board.Platform.FullName);
        json.WriteString("table", Word(board.Table.Kind));
        json.WriteNumber("sectorBytes", board.SectorBytes);
        json.WriteString("boot", Methods(board));
        json.WriteString("verified", board.Verified);
        json.WriteBoolean("shipped", board.IsShipped);
        json.WriteString("file", board.Span.File);
    }

    /// <summary>One word, or several in the order of the board.</summary>
    public static string Methods(BoardManifest board) => string.Join(", ", board.Boot.Methods.Select(Word));

    /// <summary>As manifests write it: <c>GrubEfi</c> is <c>grub-efi</c>.</summary>
    public static string Word<T>(T value)
        where T : struct, Enum =>
        JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());

    private static string SizeOf(Partition partition) => partition.SizeRule switch
    {
        SizeRule.Fixed => partition.Size.ToString()!,
        SizeRule.Rest => "rest",
        _ => partition.Size is { } least ? $"content, at least {least}" : "content",
    };
}
