using System.Collections.Immutable;
using System.Text;
using Pipeline.Core.Units;
using Pipeline.Engine.Planning;

namespace Pipeline.Engine.Publishing.Changelog;

/// <summary>The files of the targets, with what became of their sizes.</summary>
internal static class FilesBlock
{
    public static string Write(ReleaseNotesInput input)
    {
        var before = (input.Old?.Files ?? []).ToDictionary(f => f.Name, StringComparer.Ordinal);
        var text = new StringBuilder("| file | size | change | sha256 |\n| --- | ---: | ---: | --- |");
        foreach (var file in input.New.Files)
        {
            var change = Change(before.GetValueOrDefault(file.Name), file);
            text.Append($"\n| {Markdown.CodeCell(file.Name)} | {file.Size} | {change} | {Markdown.CodeCell(file.Sha256.Hex)} |");
        }
        foreach (var line in Unpacked([.. input.New.Files.Where(f => f.Unpacked is not null)]))
            text.Append(line);
        return text.ToString();
    }

    /// <summary>What somebody compares who reads a disk back.</summary>
    private static IEnumerable<string> Unpacked(ImmutableArray<ReleaseFile> files)
    {
        if (files.IsEmpty)
            yield break;
        yield return "\n\nUnpacked, as it lies on a disk:\n\n| file | bytes | sha256 |\n| --- | ---: | --- |";
        foreach (var file in files)
            yield return $"\n| {Markdown.CodeCell(file.Name)} | {file.Unpacked!.Size.Bytes} | {Markdown.CodeCell(file.Unpacked.Sha256.Hex)} |";
    }

    private static string Change(ReleaseFile? old, ReleaseFile file)
    {
        if (old is null)
            return "new";
        if (old.Sha256 == file.Sha256)
            return "same";
        var difference = file.Size.Bytes - old.Size.Bytes;
        var size = new ByteSize(Math.Abs(difference));
        return difference == 0 ? "same size" : $"{(difference > 0 ? '+' : '\u2212')}{size}, was {old.Size}";
    }
}
