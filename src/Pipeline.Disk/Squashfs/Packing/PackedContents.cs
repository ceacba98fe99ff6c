using Pipeline.Core.Files;
using Pipeline.Disk.Squashfs.Placing;

namespace Pipeline.Disk.Squashfs.Packing;

/// <summary>Where the contents of a file came to lie.</summary>
internal struct FilePlace
{
    /// <summary>The file whose place this is, by its number: another one for a duplicate.</summary>
    public int Original;

    /// <summary>Of its first block, in bytes from the start of the file system.</summary>
    public long Start;

    /// <summary>Where its sizes begin in <see cref="PackedContents.Sizes"/>; -1 until there is one.</summary>
    public int FirstSize;

    public uint Fragment;
    public int FragmentOffset;
}

/// <summary>The regular files of a layout by their numbers, and where their contents lie once they are packed.</summary>
internal sealed class PackedContents
{
    private readonly int[] _fileOf;
    private readonly SquashfsOptions _options;

    public PackedContents(SquashfsLayout layout)
    {
        _options = layout.Options;
        var nodes = layout.Nodes.Nodes;
        _fileOf = new int[nodes.Count];
        var files = new List<FileContent>();
        for (var index = 0; index < nodes.Count; index++)
        {
            if (nodes[index] is not RegularFile file)
                continue;
            _fileOf[index] = files.Count;
            files.Add(file.Content);
        }
        Files = files;
        Places = new FilePlace[files.Count];
        for (var file = 0; file < files.Count; file++)
            Places[file] = new() { Original = file, FirstSize = -1, Fragment = SquashfsFormat.NoFragment };
    }

    /// <summary>In the order of their nodes, which is the order of their bytes too.</summary>
    public IReadOnlyList<FileContent> Files { get; }

    public FilePlace[] Places { get; }

    /// <summary>The sizes of data blocks as inodes hold them, without those of holes that were known before: 0 is a hole.</summary>
    public List<uint> Sizes { get; } = [];

    /// <summary>Where each fragment block lies, and its size as the table holds it.</summary>
    public List<(long Start, uint Size)> Fragments { get; } = [];

    /// <param name="originals">For each file the first one with its bytes, which alone is packed.</param>
    public void SetOriginals(IReadOnlyList<int> originals)
    {
        for (var file = 0; file < Places.Length; file++)
            Places[file].Original = originals[file];
    }

    /// <summary>The file of a node, by the node's index.</summary>
    public ref readonly FilePlace PlaceOf(int index) => ref Places[Places[_fileOf[index]].Original];

    public BlockList BlocksOf(int index) => Cut(Places[_fileOf[index]].Original);

    public BlockList Cut(int file) => BlockList.Of(Files[file], _options);
}
