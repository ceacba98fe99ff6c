using System.Security.Cryptography;
using System.Text;
using Pipeline.Core.Files;

namespace Pipeline.Kit;

/// <summary>A tree as text, one line a name: all that a file system would keep. For comparisons that show what differs.</summary>
public static class TreeListing
{
    public static string ToListing(this FileTree tree)
    {
        var first = new Dictionary<FileNode, string>(ReferenceEqualityComparer.Instance);
        var listing = new StringBuilder();
        Append(listing, "/", tree.Root, first);
        foreach (var (path, node) in tree.Walk())
            Append(listing, path, node, first);
        return listing.ToString();
    }

    private static void Append(StringBuilder listing, string path, FileNode node, Dictionary<FileNode, string> first)
    {
        if (!first.TryAdd(node, path))
        {
            listing.Append($"{path} == {first[node]}\n");
            return;
        }
        listing.Append($"{path} {Convert.ToString(node.Permissions, 8)} {node.Uid}:{node.Gid} {node.Mtime.Seconds}.{node.Mtime.Nanoseconds:d9} {Kind(node)}");
        foreach (var xattr in node.Xattrs)
            listing.Append($" {xattr.Name}={Convert.ToHexString(xattr.Value)}");
        listing.Append('\n');
    }

    private static string Kind(FileNode node) => node switch
    {
        RegularFile file => $"file {file.Content.LengthBytes} {Hash(file.Content)}",
        SymbolicLink link => "-> " + Encoding.UTF8.GetString(link.Target),
        SpecialFile special => $"{special.Kind} {special.Major}:{special.Minor}",
        _ => "directory",
    };

    private static string Hash(FileContent content)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 20];
        int count;
        for (long at = 0; (count = content.Read(at, buffer)) > 0; at += count)
            hash.AppendData(buffer.AsSpan(0, count));
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }
}
