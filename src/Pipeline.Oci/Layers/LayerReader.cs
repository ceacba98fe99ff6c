using System.Runtime.ExceptionServices;
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
/// Reads one layer: one thread hashes the blob, another one decompresses it, lists the entries and writes the
/// uncompressed tar to a scratch file. An uncompressed layer that lies in a local file stays where it is; then one thread
/// does all.
/// </summary>
/// <remarks>
/// What is decompressed is listed and written by the same thread, because moving it to another core costs more than
/// all of that; for the same reason the two threads read a local file each for itself. The blob is always hashed to its
/// end, also behind the end of the tar. Nothing of an outcome with complaints may be used, because its bytes were not
/// what the manifest promised.
/// </remarks>
internal sealed class LayerReader(IImageSource source, UnpackOptions options, IActivity activity)
{
    private const int BufferBytes = 256 << 10;

    public async Task<LayerOutcome> ReadAsync(LayerJob job, CancellationToken ct)
    {
        if (source.FindLocal(job.Blob) is { } local)
            return await ReadLocalAsync(job, local, ct).ConfigureAwait(false);
        await using var blob = await source.OpenUnverifiedAsync(job.Blob, ct).ConfigureAwait(false);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        using var pipe = new ChunkPipe();
        return await ReadPackedAsync(job, stop,
            () => HashAsync(job.Blob, blob, pipe, stop.Token),
            sink => DecodeFromPipe(pipe, sink, stop.Token)).ConfigureAwait(false);
    }

    private async Task<LayerOutcome> ReadLocalAsync(LayerJob job, LocalBlob local, CancellationToken ct)
    {
        var file = FileSource.Open(local.Path);
        try
        {
            if (IsPacked(file, local))
                return await ReadLocalPackedAsync(job, file, local, ct).ConfigureAwait(false);
            var outcome = await Task.Factory.StartNew(
                () => ReadPlain(job, file, local, ct), ct, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);
            file = outcome.Source is null ? file : null;
            return outcome;
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
        var buffer = new byte[BufferBytes];
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
        return sink.Finish(mismatch, broken);
    }

    private async Task<LayerOutcome> ReadLocalPackedAsync(LayerJob job, FileSource file, LocalBlob local, CancellationToken ct)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var changed = ChangeOf(file, local);
        void Verify()
        {
            using var verifying = new VerifyingStream(new LocalBlobStream(file.Handle, local), job.Blob.Digest, job.Blob.SizeBytes);
            var buffer = new byte[BufferBytes];
            for (int count; (count = verifying.Read(buffer)) > 0; activity.Advance(count))
                stop.Token.ThrowIfCancellationRequested();
        }
        void Decode(LayerSink sink)
        {
            UnpackInto(sink, new LocalBlobStream(file.Handle, local), stop.Token);
            // The two threads must have seen the same bytes.
            if (ChangeOf(file, local) != changed)
                throw new InvalidDataException($"'{local.Path}' changed while it was read");
        }
        return await ReadPackedAsync(job, stop, () => StartThread(Verify), Decode).ConfigureAwait(false);
    }

    /// <summary>When the file was written last; null where that never happens, and its time is moved on by all who use it.</summary>
    private static DateTime? ChangeOf(FileSource file, LocalBlob local) => local.IsSettled ? null : File.GetLastWriteTimeUtc(file.Handle);

    private async Task<LayerOutcome> ReadPackedAsync(LayerJob job, CancellationTokenSource stop, Func<Task> hash, Action<LayerSink> decode)
    {
        var spool = ScratchFile.Create(options.ScratchDirectory, "layer");
        var sink = new LayerSink(job, spool.Source, 0, spool);
        var hashing = Guard(Task.Run(hash, CancellationToken.None), stop);
        var decoding = Guard(StartThread(() => decode(sink)), stop);
        var failures = await Task.WhenAll(hashing, decoding).ConfigureAwait(false);
        // The other one was stopped because of the first that is neither damage nor the stop itself.
        var fatal = failures.FirstOrDefault(f => f is not (null or InvalidDataException or OperationCanceledException))
            ?? failures.FirstOrDefault(f => f is OperationCanceledException);
        var outcome = fatal is null ? sink.Finish(failures[0], failures[1]) : null;
        if (outcome?.Source is null)
            spool.Source.Dispose();
        if (fatal is not null)
            ExceptionDispatchInfo.Throw(fatal);
        return outcome!;
    }

    private static Task StartThread(Action work) =>
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

    private async Task HashAsync(Descriptor descriptor, Stream blob, ChunkPipe pipe, CancellationToken ct)
    {
        Exception? failure = null;
        try
        {
            await using var verifying = new VerifyingStream(blob, descriptor.Digest, descriptor.SizeBytes);
            for (var count = -1; count != 0;)
            {
                var buffer = await pipe.RentAsync(ct).ConfigureAwait(false);
                count = await verifying.ReadAsync(buffer, ct).ConfigureAwait(false);
                pipe.Send(buffer, count);
                activity.Advance(count);
            }
        }
        catch (Exception e)
        {
            failure = e;
            throw;
        }
        finally
        {
            pipe.Complete(failure);
        }
    }

    private static void DecodeFromPipe(ChunkPipe pipe, LayerSink sink, CancellationToken ct)
    {
        try
        {
            UnpackInto(sink, new ChunkPipeStream(pipe, ct), ct);
        }
        finally
        {
            pipe.Abandon();
        }
    }

    private static void UnpackInto(LayerSink sink, Stream packed, CancellationToken ct)
    {
        using var decoder = Compression.OpenDecoder(packed, DecoderLimits.Default);
        var buffer = new byte[BufferBytes];
        for (int count; (count = decoder.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false)) > 0;)
        {
            ct.ThrowIfCancellationRequested();
            if (sink.TryTake(buffer.AsSpan(0, count)) is { } broken)
                throw broken;
        }
    }
}
