using System.Security.Cryptography;
using Pipeline.Core.Files;
using Pipeline.Core.Units;

namespace Pipeline.Engine.Building.Live;

/// <summary>
/// Keys of trees that are all copies of one, with changes: equal keys are equal trees. What still lies where the first tree has it is
/// known by its place and not read; all else is read.
/// </summary>
internal sealed class TreeKeys
{
    private const int FlushBytes = 1 << 20;

    private readonly Dictionary<ContentSource, int> _sources = new(ReferenceEqualityComparer.Instance);

    public TreeKeys(FileTree first)
    {
        foreach (var (_, node) in first.Walk())
        {
            if (node is RegularFile { Content.Source: { } source })
                _sources.TryAdd(source, _sources.Count);
        }
    }

    public Digest Of(FileTree tree)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var record = new BinaryWriter(new MemoryStream());
        var state = new State(hash, record, new(ReferenceEqualityComparer.Instance));
        Add(state, tree.Root);
        state.Flush();
        return Digest.FromSha256Hash(hash.GetHashAndReset());
    }

    private void Add(State state, FileNode node)
    {
        // A second name of the same file.
        var isKnown = !state.Numbers.TryAdd(node, state.Numbers.Count);
        state.Record.Write(isKnown);
        state.Record.Write(state.Numbers[node]);
        if (isKnown)
            return;
        Metadata(state.Record, node);
        switch (node)
        {
            case DirectoryNode directory:
                state.Record.Write(directory.Count);
                foreach (var (name, child) in directory.Children)
                {
                    Bytes(state.Record, name.Bytes);
                    Add(state, child);
                }
                break;
            case RegularFile file:
                Content(state, file.Content);
                break;
            case SymbolicLink link:
                Bytes(state.Record, link.Target);
                break;
            case SpecialFile special:
                state.Record.Write((byte)special.Kind);
                state.Record.Write(special.Major);
                state.Record.Write(special.Minor);
                break;
        }
        if (state.Record.BaseStream.Length >= FlushBytes)
            state.Flush();
    }

    private static void Metadata(BinaryWriter record, FileNode node)
    {
        record.Write(node.GetType().Name);
        record.Write(node.Permissions);
        record.Write(node.Uid);
        record.Write(node.Gid);
        record.Write(node.Mtime.Seconds);
        record.Write(node.Mtime.Nanoseconds);
        record.Write(node.Xattrs.Count);
        foreach (var xattr in node.Xattrs)
        {
            record.Write(xattr.Name);
            Bytes(record, xattr.Value);
        }
    }

    private void Content(State state, FileContent content)
    {
        var place = content.Source is { } source ? _sources.GetValueOrDefault(source, -1) : -1;
        state.Record.Write(content.LengthBytes);
        state.Record.Write(content.IsSparse);
        state.Record.Write(content.Extents.Count);
        state.Record.Write(place);
        foreach (var extent in content.Extents)
        {
            state.Record.Write(extent.FileOffset);
            state.Record.Write(extent.LengthBytes);
            if (place >= 0)
                state.Record.Write(extent.SourceOffset);
            else
                Read(state, content, extent);
        }
    }

    private static void Read(State state, FileContent content, DataExtent extent)
    {
        state.Flush();
        var buffer = new byte[Math.Min(FlushBytes, extent.LengthBytes)];
        for (long done = 0; done < extent.LengthBytes;)
        {
            var count = content.Read(extent.FileOffset + done, buffer.AsSpan(0, (int)Math.Min(buffer.Length, extent.LengthBytes - done)));
            state.Hash.AppendData(buffer, 0, count);
            done += count;
        }
    }

    private static void Bytes(BinaryWriter record, ReadOnlySpan<byte> bytes)
    {
        record.Write(bytes.Length);
        record.Write(bytes);
    }

    /// <param name="Numbers">Nodes in the order in which they were met.</param>
    private sealed record State(IncrementalHash Hash, BinaryWriter Record, Dictionary<FileNode, int> Numbers)
    {
        public void Flush()
        {
            var stream = (MemoryStream)Record.BaseStream;
            Record.Flush();
            Hash.AppendData(stream.GetBuffer(), 0, (int)stream.Length);
            stream.SetLength(0);
        }
    }
}
