using System.Text;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;

namespace Pipeline.Oci.Layers;

/// <summary>Checks what the headers of a layer say and makes its list of entries. Refusals go to the bag, the rest goes on.</summary>
internal sealed class EntryMaker(string layer, DiagnosticBag bag)
{
    private readonly List<LayerEntry> _entries = [];
    private long _metadataBytes;

    public IReadOnlyList<LayerEntry> Entries => _entries;

    /// <exception cref="InvalidDataException">The layer exceeds a limit as a whole, or a number of it fits nowhere.</exception>
    public void Add(TarFile file, FileContent content)
    {
        if (CleanPath(file.Path, file.Path) is not { } path || Whiteouts.IsLeftover(path))
            return;
        if (Whiteouts.Read(path) is { } whiteout)
        {
            if (whiteout.Name is null)
                Keep(new(whiteout.Kind, whiteout.Path, null, null));
            else
                Complain(LayerRules.BadName, file.Path, "is a whiteout of nothing");
            return;
        }
        if (file.Type == (byte)'1')
        {
            if (CleanPath(file.LinkPath, file.Path) is { } target)
                Keep(new(EntryKind.HardLink, path, null, target));
        }
        else if (file.Type != (byte)'V' && CreateNode(file, content) is { } node)
        {
            Keep(new(EntryKind.Node, path, WithMetadata(node, file), null));
        }
    }

    private void Keep(LayerEntry entry)
    {
        var extents = entry.Node is RegularFile { Content: { IsSparse: true } sparse } ? sparse.Extents.Count * 24L : 0;
        var xattrs = entry.Node?.Xattrs.Sum(x => (x.Name.Length * 2L) + x.Value.Length) ?? 0;
        var target = (entry.Node as SymbolicLink)?.Target.Length ?? 0;
        _metadataBytes += entry.Path.Length + (entry.LinkTarget?.Length ?? 0) + target + extents + xattrs;
        if (_entries.Count == LayerLimits.Entries)
            throw new InvalidDataException($"it has more than {LayerLimits.Entries} entries");
        if (_metadataBytes > LayerLimits.MetadataBytes)
            throw new InvalidDataException($"its names and attributes have more than {LayerLimits.MetadataBytes} bytes");
        _entries.Add(entry);
    }

    private FileNode? CreateNode(TarFile file, FileContent content)
    {
        switch (file.Type)
        {
            case 0 or (byte)'0' or (byte)'7' or (byte)'S':
                return new RegularFile { Content = content };
            case (byte)'5' or (byte)'D':
                return new DirectoryNode();
            case (byte)'2':
                return CreateLink(file);
            case (byte)'3':
                return CreateDevice(file, SpecialKind.CharacterDevice);
            case (byte)'4':
                return CreateDevice(file, SpecialKind.BlockDevice);
            case (byte)'6':
                return new SpecialFile { Kind = SpecialKind.Fifo };
            default:
                Complain(LayerRules.UnknownType, file.Path, file.Type is > 32 and < 127 ? ((char)file.Type).ToString() : $"0x{file.Type:x2}");
                return null;
        }
    }

    private SymbolicLink? CreateLink(TarFile file)
    {
        if (file.LinkPath.Length is > 0 and <= LayerLimits.LinkTargetBytes && !file.LinkPath.AsSpan().Contains((byte)0))
            return new SymbolicLink { Target = file.LinkPath };
        Complain(LayerRules.BadName, file.Path, $"is a symbolic link whose target has {file.LinkPath.Length} bytes or a NUL, where Linux takes 1 to {LayerLimits.LinkTargetBytes}");
        return null;
    }

    // The kernel keeps twelve bits of the major number and twenty of the minor one.
    private static SpecialFile CreateDevice(TarFile file, SpecialKind kind) =>
        file.DeviceMajor is >= 0 and < 1 << 12 && file.DeviceMinor is >= 0 and < 1 << 20
            ? new SpecialFile { Kind = kind, Major = (uint)file.DeviceMajor, Minor = (uint)file.DeviceMinor }
            : throw new InvalidDataException($"a device has the numbers {file.DeviceMajor}:{file.DeviceMinor}");

    private FileNode WithMetadata(FileNode node, TarFile file)
    {
        node.Permissions = file.Permissions;
        node.Uid = Id(file.Uid);
        node.Gid = Id(file.Gid);
        node.Mtime = file.Mtime;
        if (file.Xattrs is { Count: > 0 })
            node.Xattrs = [.. file.Xattrs.Where(x => IsFit(x.Key, x.Value, file)).OrderBy(x => x.Key, StringComparer.Ordinal).Select(x => new Xattr(x.Key, x.Value))];
        return node;
    }

    private static uint Id(long id) => id is >= 0 and <= uint.MaxValue ? (uint)id : throw new InvalidDataException($"an owner has the number {id}");

    private bool IsFit(string name, byte[] value, TarFile file)
    {
        var isNameFit = name.Length > 0 && Encoding.UTF8.GetByteCount(name) <= LayerLimits.XattrNameBytes;
        if (!isNameFit)
            Complain(LayerRules.BadXattr, file.Path, name, "name", LayerLimits.XattrNameBytes);
        else if (value.Length > LayerLimits.XattrValueBytes)
            Complain(LayerRules.BadXattr, file.Path, name, "value", LayerLimits.XattrValueBytes);
        return isNameFit && value.Length <= LayerLimits.XattrValueBytes;
    }

    /// <summary>The path without empty and "." parts; null (and a complaint) for what no file system takes, or what climbs out.</summary>
    private byte[]? CleanPath(byte[] raw, byte[] entry)
    {
        var path = TarPath.Clean(raw, out var longestName);
        if (path is null)
            Complain(LayerRules.PathLeavesRoot, entry, Encoding.UTF8.GetString(raw));
        else if (path.AsSpan().Contains((byte)0))
            Complain(LayerRules.BadName, entry, "has a NUL in its name");
        else if (longestName > LayerLimits.NameBytes)
            Complain(LayerRules.NameTooLong, entry, longestName, LayerLimits.NameBytes);
        else if (path.Length > LayerLimits.PathBytes)
            Complain(LayerRules.PathTooLong, entry, path.Length, LayerLimits.PathBytes);
        else
            return path;
        return null;
    }

    private void Complain(Rule rule, byte[] path, params ReadOnlySpan<object?> arguments)
    {
        if (bag.Count < LayerLimits.Complaints)
            bag.Add(rule, null, [layer, TarPath.Show(path), .. arguments]);
    }
}
