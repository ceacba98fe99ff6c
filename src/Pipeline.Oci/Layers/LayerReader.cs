using System.Runtime.ExceptionServices;
using System.Security.Cryptography;
using Pipeline.Core.Blocks;
using Pipeline.Core.Compression;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Core.Reporting;
using Pipeline.Core.Units;
using Pipeline.Oci.Documents;
using Pipeline.Oci.Sources;

namespace Pipeline.Oci.Layers;

/// <summary>One layer to be read.</summary>
/// <param name="DiffId">Null: not to be verified.</param>
internal sealed record LayerJob(string Name, Descriptor Blob, Digest? DiffId);

/// <summary>A layer, read: the index, and the file that holds its contents; or the complaints why not.</summary>
internal sealed record LayerOutcome(LayerIndex Index, FileSource? Source, DiagnosticBag Bag);

/// <summary>
/// Reads one layer once, on three threads: the first reads and hashes the blob, the second decompresses, the third
/// lists the entries and writes the uncompressed tar to a scratch file. An uncompressed layer that lies in a local file
/// stays where it is; then one thread hashes and lists.
/// </summary>
/// <remarks>
/// The blob is always read to its end: a digest covers every byte, also behind the end of the tar. Nothing of an
/// outcome with complaints may be used, because its bytes were not what the manifest promised.
/// </remarks>
internal sealed class LayerReader(IImageSource source, UnpackOptions options, IActivity activity)
{
    private const int DirectBytes = 256 << 10;

    public async Task<LayerOutcome> ReadAsync(LayerJob job, CancellationToken ct)
    {
        if (source.FindLocal(job.Blob) is not { } local)
        {
            await using var remote = await source.OpenUnverifiedAsync(job.Blob, ct).ConfigureAwait(false);
            return await ReadPackedAsync(job, remote, ct).ConfigureAwait(false);
        }
        var file = FileSource.Open(local.Path);
        try
        {
            using var blob = new LocalBlobStream(file.Handle, local);
            if (IsPacked(file, local))
                return await ReadPackedAsync(job, blob, ct).ConfigureAwait(false);
            var kept = file;
            file = null;
            return await Task.Factory.StartNew(() => ReadPlain(job, kept, local, ct), ct, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);
        }
        finally
        {
            file?.Dispose();
        }
    }

    private static bool IsPacked(FileSource file, LocalBlob local)
    {
        var start = new byte[Math.Min(Compression.MagicBytes, local.LengthBytes)];
        file.ReadExactly(local.OffsetBytes, start);
        return Compression.Detect(start) != CompressionKind.None;
    }

    private LayerOutcome ReadPlain(LayerJob job, FileSource file, LocalBlob local, CancellationToken ct)
    {
        var sink = new LayerSink(job, file, local.OffsetBytes, null);
        using var verifying = new VerifyingStream(new LocalBlobStream(file.Handle, local), job.Blob.Digest, job.Blob.SizeBytes);
        var buffer = new byte[DirectBytes];
        Exception? mismatch = null;
        Exception? broken = null;
        try
        {
            for (int count; (count = verifying.Read(buffer)) > 0; activity.Advance(count))
            {
                ct.ThrowIfCancellationRequested();
                broken ??= sink.TryTake(buffer.AsSpan(0, count));
            }
        }
        catch (InvalidDataException e)
        {
            mismatch = e;
        }
        catch
        {
            file.Dispose();
            throw;
        }
        return sink.Finish(mismatch, broken);
    }

    private async Task<LayerOutcome> ReadPackedAsync(LayerJob job, Stream blob, CancellationToken ct)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        using var packed = new ChunkPipe();
        using var plain = new ChunkPipe();
        var spool = SpoolFile.Create(options.ScratchDirectory);
        var sink = new LayerSink(job, spool.Source, 0, spool);
        var hashing = Guard(Task.Run(() => HashAsync(job.Blob, blob, packed, stop.Token), CancellationToken.None), stop);
        var decoding = Guard(Start(() => Decode(packed, plain, stop.Token)), stop);
        var sinking = Guard(Start(() => Sink(plain, sink, stop.Token)), stop);
        var failures = await Task.WhenAll(hashing, decoding, sinking).ConfigureAwait(false);
        // The others were stopped because of the first one that is neither damage nor the stop itself.
        var fatal = failures.FirstOrDefault(f => f is not (null or InvalidDataException or OperationCanceledException))
            ?? failures.FirstOrDefault(f => f is OperationCanceledException);
        if (fatal is null)
            return sink.Finish(failures[0], failures[1] ?? failures[2]);
        spool.Source.Dispose();
        ExceptionDispatchInfo.Throw(fatal);
        throw fatal;
    }

    private static Task Start(Action work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>The exception a task ended with. Damage in the data stops nobody else; anything else stops all.</summary>
    private static async Task<Exception?> Guard(Task task, CancellationTokenSource stop)
    {
        try
        {
            await task.ConfigureAwait(false);
            return null;
        }
        catch (InvalidDataException e)
        {
            return e;
        }
        catch (Exception e)
        {
            await stop.CancelAsync().ConfigureAwait(false);
            return e;
        }
    }

    private async Task HashAsync(Descriptor descriptor, Stream blob, ChunkPipe packed, CancellationToken ct)
    {
        Exception? failure = null;
        try
        {
            await using var verifying = new VerifyingStream(blob, descriptor.Digest, descriptor.SizeBytes);
            for (var count = -1; count != 0; activity.Advance(count))
            {
                var buffer = await packed.RentAsync(ct).ConfigureAwait(false);
                count = await verifying.ReadAsync(buffer, ct).ConfigureAwait(false);
                packed.Send(buffer, count);
            }
        }
        catch (Exception e)
        {
            failure = e;
            throw;
        }
        finally
        {
            packed.Complete(failure);
        }
    }

    private static void Decode(ChunkPipe packed, ChunkPipe plain, CancellationToken ct)
    {
        Exception? failure = null;
        try
        {
            using var decoder = Compression.OpenDecoder(new ChunkPipeStream(packed, ct), DecoderLimits.Default);
            for (var count = -1; count != 0 && !plain.IsAbandoned;)
            {
                var buffer = plain.Rent(ct);
                count = decoder.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
                plain.Send(buffer, count);
            }
        }
        catch (Exception e)
        {
            failure = e;
            throw;
        }
        finally
        {
            packed.Abandon();
            plain.Complete(failure);
        }
    }

    private static void Sink(ChunkPipe plain, LayerSink sink, CancellationToken ct)
    {
        try
        {
            while (plain.TryTake(out var chunk, ct))
            {
                if (sink.TryTake(chunk.Span) is { } broken)
                    throw broken;
                plain.Return(chunk.Buffer);
            }
        }
        finally
        {
            plain.Abandon();
        }
    }
}

/// <summary>The end of the line: lists entries, keeps the tar, and says at the end what is wrong with the layer.</summary>
internal sealed class LayerSink
{
    private readonly LayerJob _job;
    private readonly FileSource _source;
    private readonly SpoolFile? _spool;
    private readonly DiagnosticBag _bag = new();
    private readonly EntryMaker _maker;
    private readonly TarIndexer _indexer;
    private readonly IncrementalHash? _diffHash;

    public LayerSink(LayerJob job, FileSource source, long sourceOffset, SpoolFile? spool)
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

    /// <summary>A blob that is not what was promised is the reason of all else that is wrong with it.</summary>
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
        _source.Dispose();
        var bag = new DiagnosticBag();
        bag.Add(rule, null, [_job.Name, .. arguments]);
        return new(new(_job.Name, []), null, bag);
    }
}
