using System.Collections.Immutable;
using Pipeline.Core.Compression;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Core.Reporting;
using Pipeline.Oci.Sources;

namespace Pipeline.Oci.Layers;

/// <summary>From the blobs of an image to one tree of files. Every layer is read, hashed and decompressed exactly once.</summary>
public static class ImageUnpacker
{
    /// <summary>
    /// Reads the layers side by side, the largest first, and merges them in their order. The caller disposes the result
    /// after the last read of a file's content.
    /// </summary>
    /// <exception cref="IOException">The disk is full, or the source failed.</exception>
    public static async Task<Result<UnpackedImage>> UnpackAsync(
        IImageSource source, PlatformImage image, UnpackOptions options, CancellationToken ct)
    {
        if (image.Layers.Length != image.DiffIds.Length)
            return Result<UnpackedImage>.Failed(Diagnostic.Create(LayerRules.LayerCount, null, image.Layers.Length, image.DiffIds.Length));
        using var activity = options.Reporter.Begin($"unpack {source.Name}", image.Layers.Sum(l => l.SizeBytes));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var reading = StartReading(new LayerReader(source, options, activity), image, options, stop.Token);
        try
        {
            return await MergeAsync(reading).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await DisposeAllAsync(reading).ConfigureAwait(false);
            if (e is MissingLibraryException missing)
                return Result<UnpackedImage>.Failed(missing.Diagnostic);
            throw;
        }
    }

    /// <summary>One task a layer, in the order of the layers; they begin in the order of size, so that the largest does not come last.</summary>
    private static ImmutableArray<Task<LayerOutcome>> StartReading(
        LayerReader reader, PlatformImage image, UnpackOptions options, CancellationToken ct)
    {
        var free = new SemaphoreSlim(Math.Max(1, options.Parallelism));
        var tasks = new Task<LayerOutcome>[image.Layers.Length];
        var turn = Task.CompletedTask;
        foreach (var index in Enumerable.Range(0, tasks.Length).OrderByDescending(i => image.Layers[i].SizeBytes))
        {
            var job = CreateJob(image, index, options);
            var mayBegin = TakeTurnAsync(turn, free, ct);
            turn = mayBegin;
            tasks[index] = ReadInTurnAsync(reader, job, mayBegin, free, ct);
        }
        return [.. tasks];
    }

    private static LayerJob CreateJob(PlatformImage image, int index, UnpackOptions options)
    {
        var (blob, diffId) = (image.Layers[index], image.DiffIds[index]);
        var isWorthHashing = options.VerifyDiffIds && diffId != blob.Digest;
        return new($"layer {index + 1} ({blob.Digest.Short})", blob, isWorthHashing ? diffId : null);
    }

    private static async Task TakeTurnAsync(Task before, SemaphoreSlim free, CancellationToken ct)
    {
        await before.ConfigureAwait(false);
        await free.WaitAsync(ct).ConfigureAwait(false);
    }

    private static async Task<LayerOutcome> ReadInTurnAsync(
        LayerReader reader, LayerJob job, Task mayBegin, SemaphoreSlim free, CancellationToken ct)
    {
        await mayBegin.ConfigureAwait(false);
        try
        {
            return await reader.ReadAsync(job, ct).ConfigureAwait(false);
        }
        finally
        {
            free.Release();
        }
    }

    /// <summary>Each layer is merged as soon as it and all lower ones are there, while higher ones are still being read.</summary>
    private static async Task<Result<UnpackedImage>> MergeAsync(ImmutableArray<Task<LayerOutcome>> reading)
    {
        var bag = new DiagnosticBag();
        var merger = new LayerMerger(bag);
        var sources = ImmutableArray.CreateBuilder<IDisposable>();
        for (var i = 0; i < reading.Length; i++)
        {
            var outcome = await reading[i].ConfigureAwait(false);
            bag.AddRange(outcome.Bag.ToImmutable());
            if (outcome.Source is not null)
                sources.Add(outcome.Source);
            // Without a lower layer what is above it makes no sense: its complaints would be noise.
            if (!bag.HasErrors)
                merger.Apply(outcome.Index);
        }
        var image = new UnpackedImage(merger.Tree, sources.ToImmutable());
        if (!bag.HasErrors)
            return new(image, bag.ToImmutable());
        image.Dispose();
        return Result<UnpackedImage>.Failed(bag.ToImmutable());
    }

    private static async Task DisposeAllAsync(ImmutableArray<Task<LayerOutcome>> reading)
    {
        foreach (var task in reading)
        {
            await task.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default).ConfigureAwait(false);
            if (task.IsCompletedSuccessfully)
                (await task.ConfigureAwait(false)).Source?.Dispose();
        }
    }
}
