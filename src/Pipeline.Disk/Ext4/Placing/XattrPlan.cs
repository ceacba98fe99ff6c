using System.Security.Cryptography;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Disk.Ext4.Xattrs;

namespace Pipeline.Disk.Ext4.Placing;

/// <summary>
/// Which files need an attribute block, and which of them share one. Only the digests of the blocks are kept; the writer
/// makes them again from their first user.
/// </summary>
internal sealed class XattrPlan
{
    private readonly Dictionary<int, int> _blockOf = [];
    private readonly List<(int FirstUser, int References)> _blocks = [];
    private readonly Dictionary<UInt128, int> _byDigest = [];
    private readonly byte[] _scratch = new byte[Ext4Format.BlockBytes];

    /// <summary>The first node that uses each block, and how many do.</summary>
    public IReadOnlyList<(int FirstUser, int References)> Blocks => _blocks;

    /// <summary>The number of a node's block, or null where it has none.</summary>
    public int? BlockOf(int index) => _blockOf.TryGetValue(index, out var block) ? block : null;

    /// <summary>Nodes come in ascending order of their index.</summary>
    public void Add(int index, FileNode node, List<(Rule Rule, object Subject)> problems)
    {
        var set = new XattrSet(node.Xattrs, problems);
        if (!set.HasBlock || problems.Exists(p => p.Rule.Severity == Severity.Error))
            return;
        _scratch.AsSpan().Clear();
        set.WriteBlock(_scratch);
        var digest = BitConverter.ToUInt128(SHA256.HashData(_scratch));
        if (_byDigest.TryGetValue(digest, out var block) && _blocks[block].References < XattrSet.MaxReferences)
        {
            _blocks[block] = _blocks[block] with { References = _blocks[block].References + 1 };
        }
        else
        {
            block = _blocks.Count;
            _byDigest[digest] = block;
            _blocks.Add((index, 1));
        }
        _blockOf.Add(index, block);
    }
}
