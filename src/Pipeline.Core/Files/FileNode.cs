namespace Pipeline.Core.Files;

/// <summary>An extended attribute by its full Linux name (<c>security.capability</c>, <c>user.x</c>); the value is raw bytes.</summary>
public sealed record Xattr(string Name, byte[] Value);

/// <summary>
/// One inode of a file tree: what several names (hard links) may share. Kinds are the subclasses. Memory counts here:
/// trees of a million files are legal, so nothing is kept per node that can be computed.
/// </summary>
public abstract class FileNode
{
    /// <summary>The low twelve bits of the mode: permissions, set-uid, set-gid and sticky.</summary>
    public ushort Permissions { get; set; }

    public uint Uid { get; set; }

    public uint Gid { get; set; }

    public UnixTime Mtime { get; set; }

    /// <summary>In the order of the names' bytes; empty for most nodes.</summary>
    public IReadOnlyList<Xattr> Xattrs { get; set; } = [];

    /// <summary>A copy that can be changed without changing this; a directory's copy is empty.</summary>
    public abstract FileNode CloneAlone();

    protected T WithMetadataOf<T>(T copy) where T : FileNode
    {
        copy.Permissions = Permissions;
        copy.Uid = Uid;
        copy.Gid = Gid;
        copy.Mtime = Mtime;
        copy.Xattrs = Xattrs;
        return copy;
    }
}

/// <summary>A regular file.</summary>
public sealed class RegularFile : FileNode
{
    public FileContent Content { get; set; }

    public override FileNode CloneAlone() => WithMetadataOf(new RegularFile { Content = Content });
}

/// <summary>A symbolic link; <see cref="Target"/> is raw bytes, never resolved on the host.</summary>
public sealed class SymbolicLink : FileNode
{
    public required byte[] Target { get; init; }

    public override FileNode CloneAlone() => WithMetadataOf(new SymbolicLink { Target = Target });
}

public enum SpecialKind : byte
{
    CharacterDevice,
    BlockDevice,
    Fifo,
    Socket,
}

/// <summary>A device, a fifo or a socket. The numbers are zero for the last two.</summary>
public sealed class SpecialFile : FileNode
{
    public required SpecialKind Kind { get; init; }

    public uint Major { get; init; }

    public uint Minor { get; init; }

    public override FileNode CloneAlone() => WithMetadataOf(new SpecialFile { Kind = Kind, Major = Major, Minor = Minor });
}
