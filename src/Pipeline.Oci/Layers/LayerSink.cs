using System.Security.Cryptography;
using Pipeline.Core.Blocks;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Core.Units;

namespace Pipeline.Oci.Layers;

/// <summary>The end of the line: lists entries, keeps the tar, and says at the end what is wrong with the layer.</summary>
internal sealed class LayerSink
{
    private readonly LayerJob _job;
    private readonly FileSource _source;
    private readonly ScratchFile? _spool;
    private readonly DiagnosticBag _bag = new();
    private readonly EntryMaker _maker;
    private readonly TarIndexer _indexer;
    private readonly IncrementalHash? _diffHash;

    public LayerSink(LayerJob job, FileSource source, long sourceOffset, ScratchFile? spool)
    {
        (_job, _source, _spool) = (job, source, spool);
        _maker = new EntryMaker(job.Name, _bag);
        _indexer = new TarIndexer(source, sourceOffset, _maker);
        _diffHash = job.DiffId?.CreateHash();
    }

    /// <summary>The next bytes of the tar; returns what is wrong with them.</summary>
    public InvalidDataException? TryTake(ReadOnlySpan<byte> data)
    {
        try
        {
            _diffHash?.AppendData(data);
            if (_indexer.IsOver)
                return null;
            _spool?.Append(data);
            _indexer.Feed(data);
            return null;
        }
        catch (InvalidDataException e)
        {
            return e;
        }
    }

    /// <summary>
    /// The outcome; without a source where something is wrong. A blob that is not what was promised is the reason of all
    /// else that is wrong with it.
    /// </summary>
    public LayerOutcome Finish(Exception? mismatch, Exception? broken)
    {
        if (mismatch is not null)
            return Fail(LayerRules.BlobMismatch, mismatch.Message);
        try
        {
            if (broken is null)
                _indexer.Complete();
        }
        catch (InvalidDataException e)
        {
            broken = e;
        }
        if (broken is not null)
            return Fail(LayerRules.BrokenArchive, broken.Message);
        if (_diffHash is not null)
        {
            var actual = Digest.FromHash(_diffHash.AlgorithmName, _diffHash.GetHashAndReset());
            _diffHash.Dispose();
            if (actual != _job.DiffId)
                return Fail(LayerRules.DiffIdMismatch, actual, _job.DiffId);
        }
        return new(new(_job.Name, _maker.Entries), _source, _bag);
    }

    private LayerOutcome Fail(Rule rule, params ReadOnlySpan<object?> arguments)
    {
        var bag = new DiagnosticBag();
        bag.Add(rule, null, [_job.Name, .. arguments]);
        return new(new(_job.Name, []), null, bag);
    }
}
