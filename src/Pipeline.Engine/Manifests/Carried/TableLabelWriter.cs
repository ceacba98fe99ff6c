using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Pipeline.Core.Diagnostics;
using Pipeline.Disk.Partitioning;
using Pipeline.Engine.Manifests.Models;
using TableKind = Pipeline.Engine.Manifests.Models.TableKind;

namespace Pipeline.Engine.Manifests.Carried;

/// <summary>
/// A board as the text of <see cref="TableLabel"/>. Places that follow from the order of the partitions are written out, because
/// other readers of the label align nothing.
/// </summary>
internal sealed class TableLabelWriter
{
    private readonly BoardManifest _board;
    private readonly DiagnosticBag _bag;
    private readonly long?[] _offsets;
    private readonly RawBlob?[] _blobs;

    private TableLabelWriter(BoardManifest board, DiagnosticBag bag)
    {
        (_board, _bag) = (board, bag);
        _offsets = OffsetsOf(board);
        _blobs = [.. board.Partitions.Select((p, i) => board.Blobs.FirstOrDefault(b => IsContent(b, p, _offsets[i])))];
    }

    public static Result<string> Write(BoardManifest board, bool isPretty)
    {
        var bag = new DiagnosticBag();
        if (board.SectorBytes != 512)
        {
            bag.Add(CarriedRules.CannotCarry, board.Span, board.Name, $"its sectors have {board.SectorBytes} bytes", "the label counts in sectors of 512");
            return Result<string>.Failed(bag.ToImmutable());
        }
        if (board.Table.Kind == TableKind.Mbr && board.Partitions.Length > CarriedBoard.MbrPartitions)
            bag.Add(CarriedRules.CannotCarry, board.Table.Span, board.Name, $"it has {board.Partitions.Length} partitions", $"the label knows no logical ones; use gpt, or at most {CarriedBoard.MbrPartitions}");
        LabelGaps.Report(board, bag);
        var writer = new TableLabelWriter(board, bag);
        foreach (var blob in board.Blobs.Where(b => !writer._blobs.Contains(b)))
            bag.Add(CarriedRules.CannotSay, blob.Span, $"the blob '{blob.Name}' at {blob.Offset}", board.Name, "give it a partition without a file system at its place, or use the board");
        var json = writer.ToJson(isPretty);
        return bag.HasErrors ? Result<string>.Failed(bag.ToImmutable()) : new(json, bag.ToImmutable());
    }

    private string ToJson(bool isPretty)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes, new() { Indented = isPretty }))
        {
            json.WriteStartObject();
            json.WriteString("type", _board.Table.Kind == TableKind.Gpt ? "gpt" : "mbr");
            json.WriteStartArray("partitions");
            for (var i = 0; i < _board.Partitions.Length; i++)
                WritePartition(json, i);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    private void WritePartition(Utf8JsonWriter json, int index)
    {
        var partition = _board.Partitions[index];
        var content = partition.RawContent ?? _blobs[index]?.ContainerPath;
        if (partition.FileSystem.Kind == FileSystemKind.None && content is null)
        {
            _bag.Add(CarriedRules.CannotSay, partition.Span, $"partition '{partition.Name}', which has no content", _board.Name, "it is left out");
            return;
        }
        json.WriteStartObject();
        WriteIdentity(json, partition);
        if (_offsets[index] is { } offset)
            json.WriteNumber("offset_lba", offset / 512);
        if (SizeOf(index) is { } size)
            json.WriteNumber("size_bytes", size);
        if (partition.MountPoint is not null)
            json.WriteString("mnt", partition.MountPoint);
        WriteFlags(json, partition);
        WriteFileSystem(json, partition, content);
        json.WriteEndObject();
    }

    private void WriteIdentity(Utf8JsonWriter json, Partition partition)
    {
        if (_board.Table.Kind == TableKind.Mbr)
        {
            json.WriteNumber("type", byte.Parse(partition.TypeId, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
            return;
        }
        if (partition.TableName.Length > 0)
            json.WriteString("name", partition.TableName);
        json.WriteString("uuid", partition.TypeId);
    }

    private void WriteFlags(Utf8JsonWriter json, Partition partition)
    {
        const ulong required = 1, bootable = 1 << 2;
        var bits = partition.Flags.GptAttributes;
        if (_board.Table.Kind == TableKind.Gpt && (bits & ~(required | bootable)) != 0)
        {
            json.WriteStartArray("attributes");
            for (var bit = 0; bit < 64; bit++)
            {
                if ((bits & ~(required | bootable) & (1UL << bit)) != 0)
                    json.WriteNumberValue(bit);
            }
            json.WriteEndArray();
        }
        if (partition.Flags.Active || (bits & bootable) != 0)
            json.WriteBoolean("bootable", true);
        if ((bits & required) != 0)
            json.WriteBoolean("platform-required", true);
    }

    private static void WriteFileSystem(Utf8JsonWriter json, Partition partition, string? content)
    {
        var fileSystem = partition.FileSystem;
        json.WriteStartObject("fs");
        json.WriteString("type", fileSystem.Kind == FileSystemKind.None ? "raw" : fileSystem.Kind.ToString().ToLowerInvariant());
        if (fileSystem.Kind == FileSystemKind.None)
            json.WriteString("content", content);
        if (fileSystem.Kind == FileSystemKind.Ext4 && fileSystem.Id is not null)
            json.WriteString("uuid", fileSystem.Id);
        if (fileSystem.Kind == FileSystemKind.Fat)
        {
            if (fileSystem.Id is { } id)
                json.WriteNumber("volume-id", uint.Parse(id, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
            if (fileSystem.Heads is { } heads && fileSystem.SectorsPerTrack is { } sectors)
            {
                json.WriteNumber("heads", heads);
                json.WriteNumber("sectors-per-track", sectors);
            }
        }
        json.WriteEndObject();
    }

    /// <summary>Null fills the disk. One partition may; of several without a size the last that takes the rest does.</summary>
    private long? SizeOf(int index)
    {
        var partition = _board.Partitions[index];
        if (partition.SizeRule == SizeRule.Fixed)
            return partition.Size!.Value.Bytes;
        var filling = _board.Partitions.LastOrDefault(p => p.SizeRule == SizeRule.Rest) ?? _board.Partitions.Last(p => p.SizeRule == SizeRule.Content);
        if (ReferenceEquals(filling, partition))
            return null;
        if (partition.Size is { } least)
        {
            _bag.Add(CarriedRules.CannotSay, partition.Span, $"that partition '{partition.Name}' grows with its content", _board.Name, $"it gets {least}");
            return least.Bytes;
        }
        _bag.Add(CarriedRules.CannotCarry, partition.Span, _board.Name, $"its partition '{partition.Name}' is as large as its content", "give it a size");
        return null;
    }

    /// <summary>Where partitions begin, as far as it is certain: it is not behind one whose size depends on its content.</summary>
    private static long?[] OffsetsOf(BoardManifest board)
    {
        var offsets = board.Partitions.Select(p => p.Offset?.Bytes).ToArray();
        var least = board.Partitions.Select(p => p.SizeRule == SizeRule.Fixed ? 0 : p.Size?.Bytes ?? 1 << 20);
        var placed = DiskPlacement.Place(BoardPlacement.Request(
            board with { DiskSize = null, PowerOfTwoSize = false }, [.. least], [.. board.Blobs.Select(b => b.Limit?.Bytes ?? 512)]));
        for (var i = 0; placed.IsOk && i < offsets.Length; i++)
        {
            offsets[i] ??= placed.Value!.Partitions[i].OffsetBytes;
            if (board.Partitions[i].SizeRule != SizeRule.Fixed)
                break;
        }
        return offsets;
    }

    private static bool IsContent(RawBlob blob, Partition partition, long? offset) =>
        partition is { FileSystem.Kind: FileSystemKind.None, RawContent: null } && blob.Offset.Bytes == offset
        && blob.ContainerPath is { } path && path.AsSpan().IndexOfAny("*?[") < 0 && blob is { Image: null, PackagePath: null, Padding: null } && blob.KeepRanges.IsDefaultOrEmpty;
}
