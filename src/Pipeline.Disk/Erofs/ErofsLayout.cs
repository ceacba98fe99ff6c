using System.Text;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Disk.Erofs.Placing;
using Pipeline.Disk.Trees;
using static Pipeline.Disk.Erofs.ErofsFormat;

namespace Pipeline.Disk.Erofs;

/// <summary>
/// All that is known of an erofs before contents are read: numbers, attributes, complaints. Without compression that is
/// every place; with it places follow when <see cref="ErofsWriter.Pack"/> has packed the contents. The tree must not
/// change in between.
/// </summary>
public sealed class ErofsLayout
{
    private readonly DiagnosticBag _diagnostics = new();
    private readonly NodeProblems _problems;

    private ErofsLayout(FileTree tree, ErofsOptions options, SourceSpan? span)
    {
        (Options, Span, _problems) = (options, span, new(_diagnostics, span));
        if (Encoding.UTF8.GetByteCount(options.Label ?? "") is > MaxLabelBytes and var labelBytes)
            _diagnostics.Add(ErofsRules.LabelTooLong, span, options.Label, labelBytes);
        Nodes = new NodeMap(tree, (path, length) => _diagnostics.Add(ErofsRules.BadName, span, path, length));
        for (var index = 0; index < Nodes.Nodes.Count; index++)
            Check(index, Nodes.Nodes[index]);
        Xattrs.Share(_problems);
        _problems.Tell(Nodes);
        Forms = new InodeForms(this);
        if (!_diagnostics.HasErrors && options.Compression == ErofsCompression.None)
            _diagnostics.AddRange(Refuse(new Placement(this, null).BlockCount));
    }

    /// <summary>The bytes that are read, for the progress. Duplicates count too.</summary>
    public long ContentBytes => Nodes.Nodes.OfType<RegularFile>().Sum(f => f.Content.Extents.Sum(e => e.LengthBytes));

    internal ErofsOptions Options { get; }

    internal SourceSpan? Span { get; }

    internal NodeMap Nodes { get; }

    internal XattrPlan Xattrs { get; } = new();

    internal InodeForms Forms { get; }

    /// <summary>Decides every place, or says what erofs cannot hold.</summary>
    /// <param name="tree">The file system's content; its root's metadata becomes the root directory's.</param>
    /// <param name="options">Identity, clock and room.</param>
    /// <param name="span">Where the user asked for this file system.</param>
    public static Result<ErofsLayout> Place(FileTree tree, ErofsOptions options, SourceSpan? span)
    {
        var layout = new ErofsLayout(tree, options, span);
        var said = layout._diagnostics.ToImmutable();
        return layout._diagnostics.HasErrors ? Result<ErofsLayout>.Failed(said) : new(layout, said);
    }

    /// <summary>What speaks against a file system of that length.</summary>
    internal IEnumerable<Diagnostic> Refuse(long blockCount)
    {
        if (blockCount > MaxBlocks)
            yield return Diagnostic.Create(ErofsRules.TooLarge, Span, blockCount, MaxBlocks);
        else if (Options.MaxLengthBytes is { } most && blockCount * BlockBytes > most)
            yield return Diagnostic.Create(ErofsRules.TooSmall, Span, blockCount * BlockBytes, most, blockCount * BlockBytes - most);
    }

    private void Check(int index, FileNode node)
    {
        if (node is SymbolicLink link && !LinuxNode.HasSoundTarget(link))
            _problems.Add(index, ErofsRules.BadTarget, link.Target.Length);
        if (node is SpecialFile special && !LinuxNode.HasSoundNumbers(special))
            _problems.Add(index, ErofsRules.BadDevice, special.Major, special.Minor);
        if (node.Xattrs.Count > 0)
            Xattrs.Add(index, node, _problems);
    }
}
