using System.Globalization;
using System.Text.Json;
using Pipeline.Core.Compression;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Units;
using Pipeline.Engine.Flashing;
using Pipeline.Engine.Flashing.Devices;
using Pipeline.Engine.Flashing.Images;

namespace Pipeline.Cli.Reporting;

/// <summary>What is about to be overwritten by what, and how it went.</summary>
internal static class FlashText
{
    /// <summary><c>image: disk.img.zst, GPT, 304 MiB, of it 146 MiB by block map, checksum of SHA256SUMS</c></summary>
    public static string Of(FlashImage image)
    {
        var parts = new List<string> { Path.GetFileName(image.File.Path), image.TableName, image.Packing == CompressionKind.None || image.Mapped is not null ? $"{image.Least}" : $"at least {image.Least}" };
        if (image.Mapped is { } mapped)
            parts.Add($"of it {mapped} by block map");
        if (image.File.Sha256 is not null)
            parts.Add("checked with SHA256SUMS");
        return "image: " + string.Join(", ", parts);
    }

    /// <summary><c>disk: /dev/sdb, 29.7 GiB, SanDisk Ultra, usb, serial 4C530001, partitions sdb1 sdb2</c></summary>
    public static string Of(FlashTarget target) => "disk: " + (target.Device is { } device
        ? string.Join(", ", new[] { device.Path, new ByteSize(device.LengthBytes).ToString(), device.Model, device.Transport, Serial(device), Partitions(device) }.Where(w => w.Length > 0))
        : $"{target.Shown}, {new ByteSize(target.LengthBytes)}, a file");

    public static void List(Results results, IReadOnlyList<(BlockDevice Device, Diagnostic? Objection)> devices)
    {
        if (devices.Count == 0)
            results.WriteText("no card, stick or USB disk is here; put one in (lsblk shows all disks)");
        string[] head = ["DEVICE", "SIZE", "TRANSPORT", "MODEL", "SERIAL", "STATE"];
        var rows = devices.Select(d => (string[])[d.Device.Path, new ByteSize(d.Device.LengthBytes).ToString(), d.Device.Transport, d.Device.Model, d.Device.Serial, State(d.Device, d.Objection)]).ToList();
        if (rows.Count > 0)
            results.WriteText(Text.Table([head, .. rows], (row, column, cell) => row == 0 ? results.Paint.Strong(cell) : column < 5 ? cell : cell == "ready" ? results.Paint.Good(cell) : results.Paint.Change(cell)));
        foreach (var (device, objection) in devices)
            results.WriteJson("device", json => Write(json, device, State(device, objection)));
    }

    public static void Tell(Results results, FlashTarget target, FlashOutcome outcome, FlashOptions options)
    {
        var isDone = outcome.Status == FlashStatus.Done;
        var text = isDone
            ? $"{target.Shown}: {outcome.Written} written{(outcome.Equal.Bytes > 0 ? $", {outcome.Equal} were there already" : "")}, "
                + (options.Verifies ? $"{outcome.Verified} read back and right" : "not read back")
                + (outcome.IsBackupMoved ? "; the backup GPT lies at the disk's end" : "")
            : "";
        results.Write(text, "flashed", json =>
        {
            json.WriteString("status", JsonNamingPolicy.CamelCase.ConvertName(outcome.Status.ToString()));
            json.WriteString("device", target.Path);
            json.WriteNumber("writtenBytes", outcome.Written.Bytes);
            json.WriteNumber("equalBytes", outcome.Equal.Bytes);
            json.WriteNumber("verifiedBytes", outcome.Verified.Bytes);
            json.WriteBoolean("backupMoved", isDone && outcome.IsBackupMoved);
        });
    }

    private static void Write(Utf8JsonWriter json, BlockDevice device, string state)
    {
        json.WriteString("device", device.Path);
        json.WriteNumber("bytes", device.LengthBytes);
        json.WriteNumber("sectorBytes", device.SectorBytes);
        json.WriteString("transport", device.Transport);
        json.WriteString("model", device.Model);
        json.WriteString("serial", device.Serial);
        json.WriteString("state", state);
    }

    /// <summary>The complaint without the name of the device, which stands beside it, and without the advice.</summary>
    private static string State(BlockDevice device, Diagnostic? objection) =>
        objection is null ? "ready" : objection.Message.Split(';')[0].Replace(string.Create(CultureInfo.InvariantCulture, $"'{device.Path}' "), "", StringComparison.Ordinal);

    private static string Serial(BlockDevice device) => device.Serial.Length > 0 ? "serial " + device.Serial : "";

    private static string Partitions(BlockDevice device) => device.PartitionNames.IsEmpty ? "no partitions" : "partitions " + string.Join(' ', device.PartitionNames);
}
