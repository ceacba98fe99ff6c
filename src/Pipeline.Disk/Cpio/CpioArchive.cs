using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;

namespace Pipeline.Disk.Cpio;

/// <summary>
/// A tree as a "newc" cpio archive, the form of an initramfs. Everything that can be refused is refused by
/// <see cref="Place"/>; <see cref="WriteTo"/> then only follows the tree, which must not change in between.
/// </summary>
/// <remarks>
/// Inode numbers count from 1 in the order of the walk, so they depend on the tree alone. Names of one file share a
/// number, and the last of them carries the contents, as cpio does it. Names of one symbolic link are links of their own,
/// because Linux knows no other.
/// </remarks>
public sealed class CpioArchive
{
    internal const int MaxPathBytes = 4095;     // Linux: PATH_MAX with the NUL
    private const int MaxNameBytes = 255;
    private const int MaxMajor = 0xFFF;
    private const int MaxMinor = 0xF_FFFF;
    private const int EntryAlignment = 4;
    private const int ArchiveAlignment = 512;   // what cpio pads to
    private const int CopyBytes = 1 << 20;
    private static readonly byte[] Zeroes = new byte[ArchiveAlignment];
    private readonly FileTree _tree;
    private readonly Dictionary<FileNode, Links> _shared = new(ReferenceEqualityComparer.Instance);

    /// <param name="Inode">Zero until the first name is written.</param>
    private sealed record Links(uint Count)
    {
        public uint Inode { get; set; }

        public uint Written { get; set; }
    }

    private CpioArchive(FileTree tree) => _tree = tree;

    /// <summary>The length of the archive before any compression, its padding included.</summary>
    public long LengthBytes { get; private set; }

    /// <summary>Counts, measures, and says what an initramfs cannot hold. Reads no contents.</summary>
    /// <param name="span">Where the user asked for it.</param>
    public static Result<CpioArchive> Place(FileTree tree, SourceSpan? span)
    {
        var bag = new DiagnosticBag();
        var archive = new CpioArchive(tree);
        archive.Check(bag, span);
        if (bag.HasErrors)
            return Result<CpioArchive>.Failed(bag.ToImmutable());
        archive.LengthBytes = archive.Measure();
        return new(archive, bag.ToImmutable());
    }

    /// <summary>Writes the whole archive from front to back.</summary>
    public void WriteTo(Stream output, CancellationToken ct)
    {
        foreach (var links in _shared.Values)
            (links.Inode, links.Written) = (0, 0);
        var (walk, inode, buffer, length) = (new CpioWalk(_tree.Root), 0u, new byte[CopyBytes], 0L);
        while (walk.MoveNext())
        {
            ct.ThrowIfCancellationRequested();
            var header = HeaderOf(walk, ref inode);
            length += WriteHeader(output, header, walk.Path, buffer);
            length += WriteBody(output, walk.Node, header.FileBytes, buffer);
        }
        length += WriteHeader(output, new CpioHeader { Links = 1 }, Trailer, buffer);
        length += WriteZeroes(output, Padding(length, ArchiveAlignment));
        if (length != LengthBytes)
            throw new InvalidOperationException($"the archive has {length} bytes, {LengthBytes} were measured: the tree has changed");
    }

    private static ReadOnlySpan<byte> Trailer => "TRAILER!!!"u8;

    private void Check(DiagnosticBag bag, SourceSpan? span)
    {
        var walk = new CpioWalk(_tree.Root);
        var (withXattrs, first) = (0L, ("", ""));
        var seen = new HashSet<FileNode>(ReferenceEqualityComparer.Instance);
        while (walk.MoveNext())
        {
            CheckNode(walk, bag, span);
            if (walk.Node.Xattrs.Count > 0 && withXattrs++ == 0)
                first = (walk.Text, walk.Node.Xattrs[0].Name);
            if (walk.Node is RegularFile or SpecialFile && !seen.Add(walk.Node))
                _shared[walk.Node] = new((_shared.GetValueOrDefault(walk.Node)?.Count ?? 1) + 1);
        }
        if (withXattrs > 0)
            bag.Add(CpioRules.XattrsLeftOut, span, withXattrs, first.Item1, first.Item2);
    }

    private static void CheckNode(CpioWalk walk, DiagnosticBag bag, SourceSpan? span)
    {
        if (walk.Name.Length > 0 && (!IsName(walk.Name.Bytes) || (walk.IsTop && walk.Name.Bytes.SequenceEqual(Trailer))))
            bag.Add(CpioRules.BadName, span, walk.Text);
        if (walk.Path.Length > MaxPathBytes)
        {
            bag.Add(CpioRules.PathTooLong, span, walk.Text, walk.Path.Length);
            if (walk.Node is DirectoryNode)
                walk.PassOver();
        }
        if (walk.Node is RegularFile { Content.LengthBytes: > uint.MaxValue } file)
            bag.Add(CpioRules.FileTooLong, span, walk.Text, file.Content.LengthBytes);
        if (walk.Node is SymbolicLink link && (link.Target.Length is 0 or > MaxPathBytes || link.Target.AsSpan().Contains((byte)0)))
            bag.Add(CpioRules.BadTarget, span, walk.Text, link.Target.Length);
        if (walk.Node is SpecialFile special && (special.Major > MaxMajor || special.Minor > MaxMinor))
            bag.Add(CpioRules.BadDevice, span, walk.Text, special.Major, special.Minor);
    }

    private static bool IsName(ReadOnlySpan<byte> name) =>
        name.Length is > 0 and <= MaxNameBytes && !name.ContainsAny((byte)0, (byte)'/') && !name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8);

    private long Measure()
    {
        var (walk, length) = (new CpioWalk(_tree.Root), 0L);
        var seen = new HashSet<FileNode>(ReferenceEqualityComparer.Instance);
        while (walk.MoveNext())
        {
            length += HeaderLength(walk.Path.Length);
            // Only one of its names carries the contents of a file.
            if (walk.Node is not RegularFile || !_shared.ContainsKey(walk.Node) || seen.Add(walk.Node))
                length += Aligned(BodyLength(walk.Node), EntryAlignment);
        }
        return Aligned(length + HeaderLength(Trailer.Length), ArchiveAlignment);
    }

    private CpioHeader HeaderOf(CpioWalk walk, ref uint inode)
    {
        var (node, links) = (walk.Node, _shared.GetValueOrDefault(walk.Node));
        if (links is not { Inode: > 0 })
            inode++;
        if (links is not null)
            (links.Inode, links.Written) = (links.Inode == 0 ? inode : links.Inode, links.Written + 1);
        var isEmptyName = links is not null && links.Written < links.Count;
        var device = node as SpecialFile;
        return new(
            links?.Inode ?? inode, TypeOf(node) | node.Permissions, node.Uid, node.Gid, links?.Count ?? OwnLinks(node),
            (uint)Math.Clamp(node.Mtime.Seconds, 0, uint.MaxValue), isEmptyName ? 0 : (uint)BodyLength(node),
            device?.Major ?? 0, device?.Minor ?? 0, 0);
    }

    private static uint OwnLinks(FileNode node) =>
        node is DirectoryNode directory ? 2 + (uint)directory.Children.Count(c => c.Value is DirectoryNode) : 1;

    private static uint TypeOf(FileNode node) => node switch
    {
        DirectoryNode => 0x4000,                                        // S_IFDIR
        RegularFile => 0x8000,                                          // S_IFREG
        SymbolicLink => 0xA000,                                         // S_IFLNK
        SpecialFile { Kind: SpecialKind.CharacterDevice } => 0x2000,    // S_IFCHR
        SpecialFile { Kind: SpecialKind.BlockDevice } => 0x6000,        // S_IFBLK
        SpecialFile { Kind: SpecialKind.Fifo } => 0x1000,               // S_IFIFO
        SpecialFile => 0xC000,                                          // S_IFSOCK
        _ => throw new ArgumentOutOfRangeException(nameof(node)),
    };

    private static long BodyLength(FileNode node) => node switch
    {
        RegularFile file => file.Content.LengthBytes,
        SymbolicLink link => link.Target.Length,
        _ => 0,
    };

    private static long WriteHeader(Stream output, CpioHeader header, ReadOnlySpan<byte> name, byte[] buffer)
    {
        var length = (int)HeaderLength(name.Length);
        var entry = buffer.AsSpan(0, length);
        entry.Clear();
        (header with { NameBytes = (uint)name.Length + 1 }).WriteTo(entry);
        name.CopyTo(entry[CpioHeader.SizeBytes..]);
        output.Write(entry);
        return length;
    }

    private static long WriteBody(Stream output, FileNode node, uint lengthBytes, byte[] buffer)
    {
        if (lengthBytes == 0)
            return 0;
        if (node is SymbolicLink link)
            output.Write(link.Target);
        for (long at = 0; node is RegularFile file && at < lengthBytes;)
        {
            var count = file.Content.Read(at, buffer);
            output.Write(buffer, 0, count);
            at += count;
        }
        return lengthBytes + WriteZeroes(output, Padding(lengthBytes, EntryAlignment));
    }

    private static int WriteZeroes(Stream output, int count)
    {
        output.Write(Zeroes.AsSpan(0, count));
        return count;
    }

    private static long HeaderLength(int nameBytes) => Aligned(CpioHeader.SizeBytes + nameBytes + 1, EntryAlignment);

    private static long Aligned(long length, int step) => length + Padding(length, step);

    private static int Padding(long length, int step) => (int)(-length & (step - 1));
}
