using Pipeline.Core.Files;
using Pipeline.Disk.Iso.Records;
using static Pipeline.Disk.Iso.IsoFormat;

namespace Pipeline.Disk.Iso.Placing;

/// <summary>Makes the bytes of directories. Their lengths do not depend on places, so the same code measures.</summary>
internal sealed class DirectoryEncoder(IsoTree tree, ContentPlaces contents)
{
    public void Measure(DirectoryView view, ViewDirectory directory)
    {
        var buffer = Build(view, directory);
        directory.LengthBytes = buffer.RecordBlocks * BlockBytes;
        directory.TotalBlocks = buffer.TotalBlocks;
    }

    public byte[] Encode(DirectoryView view, ViewDirectory directory) => Build(view, directory).ToBytes(view.Seen(directory.Block));

    private DirectoryBuffer Build(DirectoryView view, ViewDirectory directory)
    {
        var buffer = new DirectoryBuffer();
        buffer.Add(RecordOf(view, directory), [0], DotUse(view, directory, directory.Number == 1));
        buffer.Add(RecordOf(view, directory.Parent), [1], DotUse(view, directory.Parent, false));
        foreach (var (identifier, entry) in directory.Entries)
        {
            var use = view.IsJoliet ? [] : RockRidge.Of(entry.Node, entry.Name.Bytes.ToArray(), tree.Links(entry.Directory, entry.Node), tree.Serial(entry.Node)).ToList();
            if (entry.Directory is { } child)
                buffer.Add(RecordOf(view, view.Of(child)), identifier, use);
            else
                AddFile(buffer, view, entry, identifier, use);
        }
        return buffer;
    }

    /// <summary>A record for each 4 GiB of the file.</summary>
    private void AddFile(DirectoryBuffer buffer, DirectoryView view, IsoEntry entry, byte[] identifier, List<byte[]> use)
    {
        var length = entry.Node is RegularFile file ? contents.Of(file).LengthBytes : 0;
        var block = view.Seen(contents.BlockOf(entry.Node));
        for (long at = 0; at < length || at == 0; at += MaxSectionBytes)
        {
            var section = Math.Min(MaxSectionBytes, length - at);
            var flags = at + section < length ? RecordFlags.Continues : RecordFlags.None;
            buffer.Add(new(block + at / BlockBytes, section, entry.Node.Mtime, flags), identifier, use);
        }
    }

    private static DirectoryRecord RecordOf(DirectoryView view, ViewDirectory directory) =>
        new(view.Seen(directory.Block), directory.LengthBytes, directory.Source.Node.Mtime, RecordFlags.Directory);

    private List<byte[]> DotUse(DirectoryView view, ViewDirectory directory, bool isRootsOwn)
    {
        if (view.IsJoliet)
            return [];
        var node = directory.Source.Node;
        var use = RockRidge.Of(node, default, tree.Links(directory.Source, node), tree.Serial(node));
        return isRootsOwn ? [RockRidge.Start(), .. use, RockRidge.Extension()] : [.. use];
    }
}
