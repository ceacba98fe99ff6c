using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Oci.Platforms;

namespace Pipeline.Engine.Manifests.Carried;

/// <summary>
/// The layout of a disk that a container carries: in its labels, which are known without its layers, or else in a file
/// of its tree. Layers that are added keep both.
/// </summary>
public static class CarriedLayout
{
    /// <summary>The label that is read and written; older ones are read.</summary>
    public const string LabelName = TableLabel.Name;

    private const int MostFileBytes = 1 << 20;

    /// <summary>
    /// The board that the labels say; a board that is <see cref="BoardManifest.IsUnread"/> where they say none.
    /// </summary>
    /// <param name="board">One of <see cref="CarriedName"/>.</param>
    /// <param name="span">Where that was written.</param>
    public static Result<BoardManifest> FromLabels(
        IReadOnlyDictionary<string, string> labels, string board, Platform platform, SourceSpan span)
    {
        var request = new CarriedRequest(board, platform, span);
        var bag = new DiagnosticBag();
        var mistakes = new LabelMistakes(span, bag);
        CarriedTable? table;
        if (labels.TryGetValue(TableLabel.Name, out var json))
            table = TableLabel.Read(json, LabelName, mistakes);
        else if (OldLabels.AreIn(labels))
            table = new OldLabels(labels, mistakes).Read();
        else
            return CarriedBoard.Unread(request);
        return Judge(table, request, LayoutOrigin.ContainerLabel, "its labels", bag);
    }

    /// <summary>
    /// A board with the partitions of a file in place of its own: how it boots stays, where it has a way; its blobs go, because
    /// they lie where its own partitions let them.
    /// </summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static Result<BoardManifest> Apply(BoardManifest board, LayoutFile file)
    {
        var name = Path.GetFileName(file.Path);
        var bag = new DiagnosticBag();
        var mistakes = new LabelMistakes(file.Span, bag);
        var info = new FileInfo(file.Path);
        CarriedTable? table = null;
        if (info.Length > MostFileBytes)
            mistakes.Add(CarriedRules.Unreadable, name, $"it has {info.Length} bytes, expected at most {MostFileBytes}");
        else
            table = TableLabel.Read(File.ReadAllText(file.Path), name, mistakes);
        var made = Judge(table, new(board.Name, board.Platform, file.Span), LayoutOrigin.Manifest, name, bag);
        return made.IsOk
            ? new(board with { Table = made.Value!.Table, Partitions = made.Value.Partitions, Blobs = [], Origin = LayoutOrigin.Manifest }, made.Diagnostics)
            : made;
    }

    /// <summary>The same board with the layout that the unpacked container has, in its labels or in a file.</summary>
    /// <param name="unread">Its labels were not known, or said nothing.</param>
    /// <param name="name">The source's, for messages.</param>
    public static Result<BoardManifest> Complete(
        BoardManifest unread, IReadOnlyDictionary<string, string> labels, FileTree tree, string name)
    {
        var labelled = FromLabels(labels, unread.Name, unread.Platform, unread.Span);
        if (labelled is not { IsOk: true, Value.IsUnread: true })
            return labelled;
        var path = DiskYaml.Paths.FirstOrDefault(p => tree.Find(p) is RegularFile);
        if (path is null)
        {
            return Result<BoardManifest>.Failed(Diagnostic.Create(
                CarriedRules.NoLayout, unread.Span, name, TableLabel.Name, string.Join(" or ", DiskYaml.Paths)));
        }
        var bag = new DiagnosticBag();
        var content = ((RegularFile)tree.Find(path)!).Content;
        if (content.LengthBytes > MostFileBytes)
        {
            return Result<BoardManifest>.Failed(Diagnostic.Create(
                CarriedRules.Unreadable, unread.Span, path, $"it has {content.LengthBytes} bytes, expected at most {MostFileBytes}"));
        }
        var table = new DiskYaml(bag).Read(content.ReadAll(MostFileBytes), "(container)" + path);
        return Judge(table, new(unread.Name, unread.Platform, unread.Span), LayoutOrigin.ContainerTree, path, bag);
    }

    /// <summary>A board as the text of the label <see cref="LabelName"/>; warnings name what the label cannot say.</summary>
    public static Result<string> Export(BoardManifest board, bool isPretty) => TableLabelWriter.Write(board, isPretty);

    /// <summary>A target's board before anything is known of its container.</summary>
    public static BoardManifest Unread(string board, Platform platform, SourceSpan span) => CarriedBoard.Unread(new(board, platform, span));

    private static Result<BoardManifest> Judge(CarriedTable? table, CarriedRequest request, LayoutOrigin origin, string what, DiagnosticBag bag)
    {
        var board = table is null || bag.HasErrors ? null : CarriedBoard.Make(table, request, origin, what, bag);
        return new(board, bag.ToImmutable());
    }
}
