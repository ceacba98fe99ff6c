using System.Numerics;
using Pipeline.Core.Compression;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Disk.Squashfs.Placing;
using Pipeline.Disk.Trees;
using static Pipeline.Disk.Squashfs.SquashfsFormat;

namespace Pipeline.Disk.Squashfs;

/// <summary>
/// All that is known of a squashfs before anything is packed: inode numbers, owners, attributes, complaints. Places
/// follow when <see cref="SquashfsWriter.Pack"/> has packed the contents; the tree must not change in between.
/// </summary>
public sealed class SquashfsLayout
{
    private readonly DiagnosticBag _diagnostics = new();
    private readonly NodeProblems _problems;

    private SquashfsLayout(FileTree tree, SquashfsOptions options, SourceSpan? span)
    {
        (Options, Span, _problems) = (options, span, new(_diagnostics, span));
        Nodes = new NodeMap(tree, (path, length) => _diagnostics.Add(SquashfsRules.BadName, span, path, length));
        var blocks = 0L;
        for (var index = 0; index < Nodes.Nodes.Count; index++)
            Check(index, Nodes.Nodes[index], ref blocks);
        if (Ids.Ids.Count > MaxIds)
            _diagnostics.Add(SquashfsRules.TooManyIds, span, Ids.Ids.Count);
        _problems.Tell(Nodes);
    }

    internal SquashfsOptions Options { get; }

    internal SourceSpan? Span { get; }

    internal NodeMap Nodes { get; }

    internal IdMap Ids { get; } = new();

    internal XattrPlan Xattrs { get; } = new();

    /// <summary>The bytes that packing will read, for the progress. Duplicates count too.</summary>
    public long ContentBytes => Nodes.Nodes.OfType<RegularFile>().Sum(f => f.Content.Extents.Sum(e => e.LengthBytes));

    /// <summary>Numbers the nodes of a tree, or says what squashfs cannot hold. Reads no contents.</summary>
    /// <param name="tree">The file system's content; its root's metadata becomes the root directory's.</param>
    /// <param name="options">Compression, block size and clock.</param>
    /// <param name="span">Where the user asked for this file system.</param>
    public static Result<SquashfsLayout> Place(FileTree tree, SquashfsOptions options, SourceSpan? span)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.BlockBytes, LeastBlockBytes, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.BlockBytes, MostBlockBytes, nameof(options));
        if (!BitOperations.IsPow2(options.BlockBytes))
            throw new ArgumentException($"blocks of {options.BlockBytes} bytes: expected a power of two", nameof(options));
        _ = BlockCompressor.Levels(options.Compression);
        var layout = new SquashfsLayout(tree, options, span);
        var said = layout._diagnostics.ToImmutable();
        return layout._diagnostics.HasErrors ? Result<SquashfsLayout>.Failed(said) : new(layout, said);
    }

    private void Check(int index, FileNode node, ref long blocks)
    {
        Ids.Add(node);
        if (node is SymbolicLink link && !LinuxNode.HasSoundTarget(link))
            _problems.Add(index, SquashfsRules.BadTarget, link.Target.Length);
        if (node is SpecialFile special && !LinuxNode.HasSoundNumbers(special))
            _problems.Add(index, SquashfsRules.BadDevice, special.Major, special.Minor);
        if (node is RegularFile file)
            CheckBlocks(index, file.Content.LengthBytes, ref blocks);
        if (node.Xattrs.Count > 0)
            CheckXattrs(index, node);
    }

    /// <summary>The file that passes the limit is named, and counting begins anew.</summary>
    private void CheckBlocks(int index, long lengthBytes, ref long blocks)
    {
        blocks += lengthBytes / Options.BlockBytes + 1;
        if (blocks <= MaxBlocks)
            return;
        _problems.Add(index, SquashfsRules.TooManyBlocks, blocks, Options.BlockBytes, MaxBlocks);
        blocks = 0;
    }

    private void CheckXattrs(int index, FileNode node)
    {
        var problems = new List<(Rule Rule, object?[] Details)>();
        Xattrs.Add(index, node, problems);
        foreach (var (rule, details) in problems)
            _problems.Add(index, rule, details);
    }
}
