using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Reporting;
using Pipeline.Disk.Gpt;
using Pipeline.Engine.Flashing.Devices;
using Pipeline.Engine.Flashing.Images;

namespace Pipeline.Engine.Flashing;

/// <summary>
/// Writes an image to a disk. Order: take the disk's tables away, write all but the image's head and backup table while
/// checking the image, read that back, write both tables, read them back. So whatever goes wrong, a disk that starts is whole.
/// </summary>
public sealed class Flasher(IReporter reporter)
{
    private const int PrefetchedChunks = 8;

    /// <summary>Called between the steps, with the name of the one that has ended; tests interrupt and do damage there.</summary>
    internal Action<string> Checkpoint { get; init; } = _ => { };

    /// <summary>What is wrong with an image for a disk; asked before the user is.</summary>
    /// <param name="mbrSectorBytes">What an image with an MBR was made for; the MBR does not say.</param>
    public static ImmutableArray<Diagnostic> Check(FlashImage image, FlashTarget target, int mbrSectorBytes)
    {
        var bag = new DiagnosticBag();
        if (BlockDevices.Real(image.File.Path) == target.Path)
            bag.Add(FlashRules.IsTheImage, null, target.Shown);
        if (image.Least.Bytes > target.LengthBytes)
            bag.Add(FlashRules.TooSmall, null, target.Shown, new Core.Units.ByteSize(target.LengthBytes), target.LengthBytes, image.Least, image.Least.Bytes);
        var sectorBytes = image.SectorBytes ?? mbrSectorBytes;
        if (sectorBytes != target.SectorBytes)
            bag.Add(FlashRules.SectorsDiffer, null, target.Shown, target.SectorBytes, sectorBytes);
        return bag.ToImmutable();
    }

    /// <summary>Blocks until it is over. <see cref="Check"/> must have said nothing.</summary>
    public FlashOutcome Flash(FlashImage image, FlashTarget target, FlashOptions options, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var opened = TargetDisk.Open(target);
        if (!opened.IsOk)
            return new(FlashStatus.Refused, default, default, default, false, opened.Diagnostics);
        using var disk = opened.Value!;
        var gpt = image.Head.Gpt;
        var tables = gpt?.MoveTo(disk.LengthBytes) ?? [];
        var writer = new DiskWriter(disk, options.Resumes);
        var (status, diagnostics) = Attempt(() => WriteAll(new(image, target, writer, disk), tables, options, ct), target, ct);
        if (image.Head.FarEntriesEnd is { } far && status == FlashStatus.Done && target.LengthBytes > image.Least.Bytes)
            diagnostics = diagnostics.Add(Diagnostic.Create(FlashRules.BackupNotMoved, null, far));
        return new(status, new(writer.WrittenBytes), new(writer.EqualBytes), new(writer.VerifiedBytes),
            gpt is not null && gpt.DiskBytes < disk.LengthBytes / gpt.SectorBytes * gpt.SectorBytes, diagnostics);
    }

    private sealed record Work(FlashImage Image, FlashTarget Target, DiskWriter Writer, TargetDisk Disk);

    private void WriteAll(Work work, IReadOnlyList<DiskPatch> tables, FlashOptions options, CancellationToken ct)
    {
        work.Writer.WipeTables(work.Image.Head.Bytes.Length);
        Checkpoint("wiped");
        WriteBody(work, ct);
        work.Disk.Flush();
        Checkpoint("body");
        if (options.Verifies)
            Verify(work, ct);
        ct.ThrowIfCancellationRequested();
        WriteHead(work, tables);
        Checkpoint("head");
        if (options.Verifies)
            VerifyHead(work);
        work.Disk.RereadPartitionTable();
    }

    private void WriteBody(Work work, CancellationToken ct)
    {
        var headBytes = work.Image.Head.Bytes.Length;
        var total = work.Image.Map?.Ranges.Sum(r => Math.Max(0, r.EndByte - Math.Max(r.FirstByte, headBytes))) ?? work.Image.Least.Bytes - headBytes;
        using var activity = reporter.Begin($"write {work.Target.Shown}", Math.Max(0, total));
        foreach (var chunk in Prefetch.Of(new ChunkReader(work.Image).Read, PrefetchedChunks, ct))
        {
            if (chunk.OffsetBytes + chunk.Count > work.Disk.LengthBytes)
                throw new FlashException(FlashRules.LongerThanDisk, work.Image.File.Shown, work.Disk.LengthBytes);
            HideBackup(work.Image.Head.Gpt, chunk);
            work.Writer.Write(chunk.OffsetBytes, chunk.Data);
            activity.Advance(chunk.Count);
            chunk.Return();
        }
    }

    /// <summary>
    /// The image's backup table does not go where the image has it: half a disk could be restored from it, and on a longer
    /// disk it belongs elsewhere.
    /// </summary>
    private static void HideBackup(GptStart? gpt, Chunk chunk)
    {
        if (gpt is null)
            return;
        var first = Math.Max(chunk.OffsetBytes, gpt.OldBackup.OffsetBytes);
        var end = Math.Min(chunk.OffsetBytes + chunk.Count, gpt.OldBackup.EndBytes);
        if (first < end)
            chunk.Data[(int)(first - chunk.OffsetBytes)..(int)(end - chunk.OffsetBytes)].Clear();
    }

    /// <summary>The backup table for this disk's end, then the head with its table: from here on the disk is one.</summary>
    private static void WriteHead(Work work, IReadOnlyList<DiskPatch> tables)
    {
        var head = work.Image.Head.Bytes.ToArray();
        foreach (var table in tables)
        {
            if (table.OffsetBytes + table.Data.Length <= head.Length)
                table.Data.CopyTo(head.AsMemory((int)table.OffsetBytes));
            else
                work.Writer.Write(table.OffsetBytes, table.Data.Span);
        }
        work.Disk.Flush();
        work.Writer.Write(0, head);
        work.Disk.Flush();
    }

    /// <summary>A head that reads back wrong is no head: it must not start anything.</summary>
    private void VerifyHead(Work work)
    {
        try
        {
            Verify(work, CancellationToken.None);
        }
        catch (FlashException)
        {
            work.Writer.WipeTables(work.Image.Head.Bytes.Length);
            throw;
        }
    }

    private void Verify(Work work, CancellationToken ct)
    {
        using var activity = reporter.Begin($"verify {work.Target.Shown}", work.Writer.UnverifiedBytes);
        List<(long First, long End)> wrong;
        int count;
        try
        {
            (wrong, count) = work.Writer.Verify(activity, ct);
        }
        catch (IOException e)
        {
            throw new FlashException(FlashRules.ReadBackFailed, work.Target.Shown, e.Message.TrimEnd('.'));
        }
        if (wrong.Count > 0)
            throw new FlashException(FlashRules.ReadsDifferently, work.Target.Shown, wrong[0].First, wrong[0].End, wrong.Count, count);
    }

    private static (FlashStatus, ImmutableArray<Diagnostic>) Attempt(Action write, FlashTarget target, CancellationToken ct)
    {
        var half = Diagnostic.Create(FlashRules.HalfWritten, null, target.Shown);
        try
        {
            write();
            return (FlashStatus.Done, []);
        }
        catch (FlashException e)
        {
            var isDevice = e.Diagnostic.Rule == FlashRules.ReadsDifferently || e.Diagnostic.Rule == FlashRules.ReadBackFailed || e.Diagnostic.Rule == FlashRules.ImageFailed;
            return (isDevice ? FlashStatus.Failed : FlashStatus.Refused, [e.Diagnostic, half]);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            return (FlashStatus.Cancelled, [half]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (FlashStatus.Failed, [Diagnostic.Create(FlashRules.WriteFailed, null, target.Shown, e.Message.TrimEnd('.')), half]);
        }
    }
}
