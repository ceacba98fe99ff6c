using System.Collections.Immutable;
using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Pipeline.Core.Files;
using Pipeline.Core.Reporting;

namespace Pipeline.Engine.Building.Trees;

/// <summary>
/// Writes a tree as a plain directory: as root with owners, devices and attributes; as an ordinary user what can be done,
/// and a count of what could not. Set-uid and set-gid bits are left out where the owner is not the right one.
/// </summary>
internal sealed class TreeWriter
{
    private const int CopyBytes = 1 << 20;
    private const ushort OwnerAll = 0b111_000_000;
    private const ushort SetIds = 0b110_000_000_000;

    private readonly DirectoryHandle _root;
    private readonly IActivity _activity;
    private readonly CancellationToken _ct;
    private readonly bool _isRoot = DirectoryHandle.IsRoot;
    private readonly Dictionary<FileNode, byte[]> _made = new(ReferenceEqualityComparer.Instance);
    private readonly byte[] _buffer = new byte[CopyBytes];
    private int _owners;
    private int _devices;
    private int _attributes;

    private TreeWriter(DirectoryHandle root, IActivity activity, CancellationToken ct) => (_root, _activity, _ct) = (root, activity, ct);

    /// <param name="parent">Exists and is nobody else's.</param>
    /// <param name="name">What is made there.</param>
    /// <returns>What could not be kept, such as <c>12 owners</c>; empty where all was.</returns>
    /// <exception cref="IOException">The disk is full, or failed; what was made can be deleted.</exception>
    public static ImmutableArray<string> Write(FileTree tree, string parent, string name, IActivity activity, CancellationToken ct)
    {
        try
        {
            using var place = DirectoryHandle.Open(parent);
            using var root = place.MakeDirectory(FileName.Of(name));
            var writer = new TreeWriter(root, activity, ct);
            writer.WriteChildren(tree.Root, root, []);
            writer.Finish(place, FileName.Of(name), tree.Root, isMovedLater: true);
            return writer.NotKept();
        }
        catch
        {
            Unlock(Path.Combine(parent, name));
            throw;
        }
    }

    private void WriteChildren(DirectoryNode directory, DirectoryHandle handle, byte[] path)
    {
        foreach (var (name, node) in directory.Children)
        {
            _ct.ThrowIfCancellationRequested();
            byte[] own = path.Length == 0 ? name.Bytes.ToArray() : [.. path, (byte)'/', .. name.Bytes];
            if (node is not DirectoryNode && _made.TryGetValue(node, out var first))
                handle.MakeHardLink(_root, first, name);
            else if (TryMake(node, handle, name, own))
                Finish(handle, name, node);
        }
    }

    private bool TryMake(FileNode node, DirectoryHandle handle, FileName name, byte[] path)
    {
        switch (node)
        {
            case DirectoryNode directory:
                using (var inner = handle.MakeDirectory(name))
                    WriteChildren(directory, inner, path);
                return true;
            case RegularFile file:
                using (var output = handle.MakeFile(name))
                    Copy(file.Content, output);
                break;
            case SymbolicLink link:
                handle.MakeSymbolicLink(name, link.Target);
                break;
            case SpecialFile special when !handle.TryMakeSpecial(name, special):
                _devices++;
                return false;
        }
        _made.Add(node, path);
        return true;
    }

    /// <summary>Holes stay holes.</summary>
    private void Copy(FileContent content, SafeFileHandle output)
    {
        if (content.IsSparse)
            RandomAccess.SetLength(output, content.LengthBytes);
        foreach (var extent in content.Extents)
        {
            for (var done = 0L; done < extent.LengthBytes;)
            {
                _ct.ThrowIfCancellationRequested();
                var piece = _buffer.AsSpan(0, (int)Math.Min(_buffer.Length, extent.LengthBytes - done));
                content.Source!.ReadExactly(extent.SourceOffset + done, piece);
                RandomAccess.Write(output, piece, extent.FileOffset + done);
                done += piece.Length;
            }
        }
        _activity.Advance(content.LengthBytes);
    }

    /// <summary>Owner, then mode and attributes, which a change of the owner would take away, then the time.</summary>
    private void Finish(DirectoryHandle handle, FileName name, FileNode node, bool isMovedLater = false)
    {
        var hasOwner = handle.TrySetOwner(name, node.Uid, node.Gid);
        if (!hasOwner)
            _owners++;
        var permissions = hasOwner ? node.Permissions : (ushort)(node.Permissions & ~SetIds);
        // An ordinary user can move only a directory that he may write to.
        if (isMovedLater && !_isRoot)
            permissions |= OwnerAll;
        if (node is not SymbolicLink)
            handle.SetPermissions(name, permissions);
        _attributes += node.Xattrs.Count(xattr => !handle.TrySetXattr(name, xattr));
        handle.SetTime(name, node.Mtime);
    }

    private ImmutableArray<string> NotKept()
    {
        (int Count, string One, string Many)[] counts =
        [
            (_owners, "owner", "owners"), (_devices, "device", "devices"), (_attributes, "extended attribute", "extended attributes"),
        ];
        return [.. counts.Where(c => c.Count > 0).Select(c => $"{c.Count.ToString(CultureInfo.InvariantCulture)} {(c.Count == 1 ? c.One : c.Many)}")];
    }

    /// <summary>Makes directories deletable again that the image has read-only. Links are not followed.</summary>
    private static void Unlock(string path)
    {
        var options = new EnumerationOptions { AttributesToSkip = FileAttributes.ReparsePoint };
        var pending = new Stack<string>([path]);
        try
        {
            while (pending.TryPop(out var directory) && Directory.Exists(directory) && !OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(directory, (UnixFileMode)OwnerAll);
                foreach (var inner in Directory.EnumerateDirectories(directory, "*", options))
                    pending.Push(inner);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It must not hide why the writing ended.
        }
    }
}
