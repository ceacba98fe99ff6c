using Pipeline.Core.Files;

namespace Pipeline.Oci.Layers;

/// <summary>
/// The names by which a layer takes away what lower layers have (image-spec, "Whiteouts"): <c>.wh.NAME</c> for one name,
/// <c>.wh..wh..opq</c> for all of a directory. They concern lower layers only, wherever they stand in the tar.
/// </summary>
internal static class Whiteouts
{
    private static ReadOnlySpan<byte> Prefix => ".wh."u8;

    private static ReadOnlySpan<byte> OpaqueName => ".wh..wh..opq"u8;

    /// <summary>AUFS kept its own books under names of this form (<c>.wh..wh.plnk</c>, <c>.wh..wh.aufs</c>); they are no content.</summary>
    public static bool IsLeftover(ReadOnlySpan<byte> path)
    {
        foreach (var range in path.Split((byte)'/'))
        {
            if (path[range].StartsWith(".wh..wh."u8) && !path[range].SequenceEqual(OpaqueName))
                return true;
        }
        return false;
    }

    /// <summary>
    /// What a path means as a whiteout, null where it is none. <c>Name</c> is not null where the name after the prefix
    /// is one that cannot be ("", "." or "..").
    /// </summary>
    public static (EntryKind Kind, byte[] Path, string? Name)? Read(byte[] path)
    {
        var name = TarPath.Name(path);
        if (!name.StartsWith(Prefix))
            return null;
        var parent = TarPath.Parent(path);
        if (name.SequenceEqual(OpaqueName))
            return (EntryKind.Opaque, parent.ToArray(), null);
        var gone = name[Prefix.Length..];
        var isName = !gone.IsEmpty && !gone.SequenceEqual("."u8) && !gone.SequenceEqual(".."u8);
        return (EntryKind.Whiteout, parent.IsEmpty ? gone.ToArray() : [.. parent, (byte)'/', .. gone], isName ? null : FileName.Of(gone).ToString());
    }

    /// <summary>
    /// Takes away from the lower layers' tree. A whiteout whose way leads through a link that this layer replaces means
    /// nothing: what it would take away is out of sight already.
    /// </summary>
    public static void Apply(LayerIndex layer, TreeWalker tree)
    {
        HashSet<FileName>? own = null;
        bool IsReplaced(ReadOnlySpan<byte> path)
        {
            own ??= [.. layer.Entries.Where(e => e.Kind is EntryKind.Node or EntryKind.HardLink).Select(e => new FileName(e.Path))];
            return own.Contains(FileName.Of(path));
        }
        foreach (var entry in layer.Entries)
        {
            if (entry.Kind == EntryKind.Opaque)
                tree.FindDirectory(entry.Path, IsReplaced)?.Clear();
            else if (entry.Kind == EntryKind.Whiteout)
                tree.FindDirectory(TarPath.Parent(entry.Path), IsReplaced)?.Remove(FileName.Of(TarPath.Name(entry.Path)));
        }
    }
}
