using System.Text;
using Pipeline.Core.Files;

namespace Pipeline.Oci.Layers;

internal enum EntryKind : byte
{
    /// <summary>A file, directory, link or device: <see cref="LayerEntry.Node"/>.</summary>
    Node,

    /// <summary>One more name of what <see cref="LayerEntry.LinkTarget"/> names.</summary>
    HardLink,

    /// <summary>The path is gone from lower layers.</summary>
    Whiteout,

    /// <summary>What lower layers have in the directory is gone.</summary>
    Opaque,
}

/// <summary>
/// What one entry of a layer's tar says. Paths are raw bytes, relative to the root, without empty, "." or ".." parts;
/// the root itself is empty.
/// </summary>
internal readonly record struct LayerEntry(EntryKind Kind, byte[] Path, FileNode? Node, byte[]? LinkTarget)
{
    /// <summary>For messages only.</summary>
    public string Text => Encoding.UTF8.GetString(Path);
}

/// <summary>A layer that was read: its entries in the order of the tar, and where their contents lie.</summary>
/// <param name="Name">For messages: <c>layer 2 (0123456789ab)</c>.</param>
internal sealed record LayerIndex(string Name, IReadOnlyList<LayerEntry> Entries);
