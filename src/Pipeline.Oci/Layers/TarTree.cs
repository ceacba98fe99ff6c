using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;

namespace Pipeline.Oci.Layers;

/// <summary>A tar that lies in a file of an image, as a tree of its own. Its contents stay where they are.</summary>
public static class TarTree
{
    private const int BufferBytes = 256 << 10;

    /// <param name="name">For messages.</param>
    /// <param name="tar">Not packed.</param>
    /// <returns>What is wrong with the tar has no place.</returns>
    public static Result<FileTree> Read(string name, FileContent tar, CancellationToken ct)
    {
        var bag = new DiagnosticBag();
        var maker = new EntryMaker(name, bag);
        var indexer = new TarIndexer(new Inner(tar), 0, maker);
        var buffer = new byte[BufferBytes];
        try
        {
            int count;
            for (long at = 0; !indexer.IsOver && (count = tar.Read(at, buffer)) > 0; at += count)
            {
                ct.ThrowIfCancellationRequested();
                indexer.Feed(buffer.AsSpan(0, count));
            }
            indexer.Complete();
        }
        catch (InvalidDataException e)
        {
            return Result<FileTree>.Failed(Diagnostic.Create(LayerRules.BrokenArchive, null, name, e.Message));
        }
        var merger = new LayerMerger(bag);
        merger.Apply(new(name, maker.Entries));
        return bag.HasErrors ? Result<FileTree>.Failed(bag.ToImmutable()) : new(merger.Tree, bag.ToImmutable());
    }

    /// <summary>The bytes of a file as a source: places inside the tar are places of the file.</summary>
    private sealed class Inner(FileContent content) : ContentSource
    {
        public override void ReadExactly(long offset, Span<byte> buffer)
        {
            if (content.Read(offset, buffer) < buffer.Length)
                throw new EndOfStreamException();
        }
    }
}
