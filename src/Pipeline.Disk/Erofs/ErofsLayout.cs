using System.Text;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Disk.Erofs.Placing;
using Pipeline.Disk.Trees;
using static Pipeline.Disk.Erofs.ErofsFormat;

namespace Pipeline.Disk.Erofs;

/// <summary>
/// Where everything lies: a function of the tree and the options alone. Reads no contents. <see cref="ErofsWriter"/>
/// follows it; the tree must not change in between.
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
        Placement = new Placement(this);
        if (!_diagnostics.HasErrors)
            CheckLength();
    }

    public long LengthBytes => Placement.BlockCount * BlockBytes;

    internal ErofsOptions Options { get; }

    internal SourceSpan? Span { get; }

    internal NodeMap Nodes { get; }

    internal XattrPlan Xattrs { get; } = new();

    internal Placement Placement { get; }

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

    private void Check(int index, FileNode node)
    {
        if (node is SymbolicLink link && !LinuxNode.HasSoundTarget(link))
            _problems.Add(index, ErofsRules.BadTarget, link.Target.Length);
        if (node is SpecialFile special && !LinuxNode.HasSoundNumbers(special))
            _problems.Add(index, ErofsRules.BadDevice, special.Major, special.Minor);
        if (node.Xattrs.Count > 0)
            Xattrs.Add(index, node, _problems);
    }

    private void CheckLength()
    {
        if (Placement.BlockCount > MaxBlocks)
            _diagnostics.Add(ErofsRules.TooLarge, Span, Placement.BlockCount, MaxBlocks);
        else if (Options.MaxLengthBytes is { } most && LengthBytes > most)
            _diagnostics.Add(ErofsRules.TooSmall, Span, LengthBytes, most, LengthBytes - most);
    }
}
