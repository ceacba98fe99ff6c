using Pipeline.Core.Blocks;
using Pipeline.Core.Compression;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Core.Streams;
using Pipeline.Core.Units;
using Pipeline.Oci.Layers;

namespace Pipeline.Oci.Storing;

/// <summary>
/// One layer alone: its tar, uncompressed and to the last byte, in scratch, and the list of its entries. A store must give
/// the tar out again, so what lies behind its end counts too.
/// </summary>
internal sealed record PlainLayer(Digest DiffId, FileContent Tar, LayerIndex Index)
{
    private const int BufferBytes = 256 << 10;

    /// <param name="job">Its diff-id is not null.</param>
    /// <param name="of">The layer as it is stored, and an empty file that gets the tar.</param>
    /// <returns>Null where the bag has the reason.</returns>
    public static PlainLayer? Read(LayerJob job, (FileContent Blob, ScratchFile Spool) of, DiagnosticBag bag, CancellationToken ct)
    {
        var said = new DiagnosticBag();
        var maker = new EntryMaker(job.Name, said);
        try
        {
            var actual = Unpack(of, new TarIndexer(of.Spool.Source, 0, maker), job.DiffId!, ct);
            if (actual != job.DiffId)
                said.Add(LayerRules.DiffIdMismatch, null, job.Name, actual, job.DiffId);
        }
        catch (InvalidDataException e)
        {
            said.Add(LayerRules.BrokenArchive, null, job.Name, e.Message);
        }
        bag.AddRange(said.ToImmutable());
        return said.HasErrors ? null : new(job.DiffId!, FileContent.Of(of.Spool.Source, 0, of.Spool.LengthBytes), new(job.Name, maker.Entries));
    }

    private static Digest Unpack((FileContent Blob, ScratchFile Spool) of, TarIndexer indexer, Digest expected, CancellationToken ct)
    {
        using var hash = expected.CreateHash();
        using var decoder = Compression.OpenDecoder(new ContentStream(of.Blob), DecoderLimits.Default);
        var buffer = new byte[BufferBytes];
        for (int count; (count = decoder.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false)) > 0;)
        {
            ct.ThrowIfCancellationRequested();
            var data = buffer.AsSpan(0, count);
            hash.AppendData(data);
            of.Spool.Append(data);
            indexer.Feed(data);
        }
        indexer.Complete();
        return Digest.FromHash(hash.AlgorithmName, hash.GetHashAndReset());
    }
}
