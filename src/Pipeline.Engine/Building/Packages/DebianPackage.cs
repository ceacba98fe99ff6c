using System.Formats.Tar;
using System.Text;
using Pipeline.Core.Compression;
using Pipeline.Core.Files;
using Pipeline.Core.Streams;

namespace Pipeline.Engine.Building.Packages;

/// <summary>
/// The files that a Debian package installs. It is read twice: for the names, and for the one file that is wanted; nothing
/// is installed and no script of it runs. deb(5).
/// </summary>
internal sealed class DebianPackage
{
    public const int MaxFileBytes = 256 << 20;
    private const int MaxEntries = 200_000;

    /// <summary>Of the unpacked files together.</summary>
    private static readonly DecoderLimits Limits = new(8L << 30, 2000, 1L << 30);

    private readonly FileContent _package;
    private readonly ArMember _data;

    /// <exception cref="InvalidDataException">It is not a package, or damaged.</exception>
    /// <exception cref="MissingLibraryException">The system lacks the library of its compression.</exception>
    public DebianPackage(FileContent package)
    {
        _package = package;
        var members = ArArchive.Read(package);
        if (members.Count == 0 || members[0].Name != "debian-binary")
            throw new InvalidDataException("its first member is not debian-binary");
        _data = members.FirstOrDefault(m => m.Name is "data.tar" or "data.tar.gz" or "data.tar.xz" or "data.tar.zst")
            ?? throw new InvalidDataException($"it has no data.tar, .gz, .xz or .zst, only {string.Join(", ", members.Select(m => m.Name))}");
        Tree = ReadTree();
    }

    /// <summary>Names, links and lengths; the contents are only to be asked for by <see cref="Open"/>.</summary>
    public FileTree Tree { get; }

    /// <summary>The bytes of a file of <see cref="Tree"/>.</summary>
    /// <exception cref="InvalidDataException">It is longer than <see cref="MaxFileBytes"/>, or the package is damaged.</exception>
    public FileContent Open(RegularFile file)
    {
        if (file.Content.Source is not Entry { Ordinal: var wanted })
            return default;
        if (file.Content.LengthBytes > MaxFileBytes)
            throw new InvalidDataException($"the file has {file.Content.LengthBytes} bytes, at most {MaxFileBytes} are read");
        var ordinal = 0;
        byte[]? bytes = null;
        ReadEntries(entry =>
        {
            if (ordinal++ != wanted)
                return true;
            bytes = new byte[file.Content.LengthBytes];
            entry.DataStream!.ReadExactly(bytes);
            return false;
        });
        return FileContent.Of(bytes ?? throw new InvalidDataException("it changed while it was read"));
    }

    private FileTree ReadTree()
    {
        var tree = new FileTree();
        var ordinal = 0;
        ReadEntries(entry =>
        {
            Add(tree, entry, ordinal++);
            return ordinal <= MaxEntries ? true : throw new InvalidDataException($"it has more than {MaxEntries} files");
        });
        return tree;
    }

    private static void Add(FileTree tree, TarEntry entry, int ordinal)
    {
        var path = "/" + entry.Name;
        if (FileTree.Split(Encoding.UTF8.GetBytes(path)).Count == 0)
            return;
        const ushort permissions = 0b110_100_100;
        switch (entry.EntryType)
        {
            case TarEntryType.Directory:
                tree.EnsureDirectory(path, UnixTime.Epoch);
                break;
            case TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile:
                tree.Set(path, new RegularFile { Content = FileContent.Of(new Entry(ordinal), 0, entry.Length), Permissions = permissions, Mtime = UnixTime.Epoch });
                break;
            case TarEntryType.SymbolicLink:
                tree.Set(path, new SymbolicLink { Target = Encoding.UTF8.GetBytes(entry.LinkName), Permissions = permissions, Mtime = UnixTime.Epoch });
                break;
            case TarEntryType.HardLink when tree.Find("/" + entry.LinkName, followLast: false) is RegularFile target:
                tree.Set(path, target);
                break;
        }
    }

    /// <param name="take">False ends the reading.</param>
    private void ReadEntries(Func<TarEntry, bool> take)
    {
        try
        {
            using var data = Compression.OpenDecoder(new ContentStream(_package, _data.OffsetBytes, _data.LengthBytes), Limits);
            using var tar = new TarReader(data);
            while (tar.GetNextEntry() is { } entry && take(entry))
            {
            }
        }
        catch (Exception e) when (e is FormatException or EndOfStreamException or ArgumentException or OverflowException or NotSupportedException || e.GetType() == typeof(IOException))
        {
            throw new InvalidDataException($"its {_data.Name} is broken ({e.Message.TrimEnd('.')})", e);
        }
    }

    /// <summary>Stands for the content of an entry until it is asked for.</summary>
    private sealed class Entry(int ordinal) : ContentSource
    {
        public int Ordinal => ordinal;

        public override void ReadExactly(long offset, Span<byte> buffer) => throw new InvalidOperationException("contents of packages are opened by the package");
    }
}
