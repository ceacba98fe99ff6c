using System.Globalization;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Manifests.Reading;

namespace Pipeline.Engine.Manifests;

/// <summary>The part of <see cref="ManifestInputs"/> that comes from the board.</summary>
internal static class BoardInputs
{
    public static void Add(InputList inputs, BoardManifest board)
    {
        inputs.Add("board.platform", board.Platform.ToString());
        if (board.Origin != LayoutOrigin.Board)
            inputs.Add("board.layout", OriginOf(board));
        inputs.Add("board.sectorSize", board.SectorBytes);
        inputs.Add("board.diskSize", board.PowerOfTwoSize ? "power-of-two" : board.DiskSize is null ? "content" : null);
        inputs.Add("board.diskSize.bytes", board.DiskSize);
        AddTable(inputs, board.Table);
        for (var i = 0; i < board.Partitions.Length; i++)
            AddPartition(inputs, $"board.partitions[{i}]", board.Partitions[i]);
        for (var i = 0; i < board.Blobs.Length; i++)
            AddBlob(inputs, $"board.blobs[{i}]", board.Blobs[i]);
        AddBoot(inputs, board.Boot);
    }

    private static string OriginOf(BoardManifest board) => board.Origin switch
    {
        LayoutOrigin.ContainerLabel => "container label",
        LayoutOrigin.ContainerTree => "container file",
        _ => "manifest",
    };

    private static void AddTable(InputList inputs, PartitionTable table)
    {
        inputs.Add("board.table.type", table.Kind);
        inputs.Add("board.table.alignment", table.Alignment);
        inputs.Add("board.table.id", table.Id);
        if (table.Kind != TableKind.Gpt)
            return;
        inputs.Add("board.table.entries", table.EntryCount);
        inputs.Add("board.table.entriesAt", table.EntriesLba);
        inputs.Add("board.table.firstUsable", table.FirstUsableLba);
        for (var i = 0; i < table.Hybrid.Length; i++)
        {
            var entry = table.Hybrid[i];
            inputs.Add($"board.table.hybrid[{i}]", $"{entry.Partition} 0x{entry.TypeId}{(entry.Active ? " active" : "")}");
        }
    }

    private static void AddPartition(InputList inputs, string name, Partition partition)
    {
        inputs.Add(name + ".name", partition.Name);
        inputs.Add(name + ".type", partition.TypeId);
        if (partition.SizeRule == SizeRule.Fixed)
        {
            inputs.Add(name + ".size", partition.Size);
        }
        else
        {
            inputs.Add(name + ".size", partition.SizeRule);
            inputs.Add(name + ".minimum", partition.Size);
            inputs.Add(name + ".maximum", partition.Maximum);
        }
        inputs.Add(name + ".offset", partition.Offset);
        inputs.Add(name + ".mount", partition.MountPoint);
        inputs.Add(name + ".copyOf", partition.CopyOf);
        inputs.Add(name + ".label", partition.Label);
        inputs.Add(name + ".freeSpace", partition.FreeSpace);
        inputs.Add(name + ".id", partition.Id);
        inputs.Add(name + ".content", partition.RawContent);
        inputs.Add(name + ".flags.attributes", "0x" + partition.Flags.GptAttributes.ToString("x16", CultureInfo.InvariantCulture));
        inputs.Add(name + ".flags.active", partition.Flags.Active);
        inputs.Add(name + ".flags.grow", partition.Flags.Grow);
        inputs.Add(name + ".flags.read-only", partition.Flags.ReadOnly);
        AddFileSystem(inputs, name + ".filesystem", partition.FileSystem);
    }

    private static void AddFileSystem(InputList inputs, string name, FileSystemManifest fileSystem)
    {
        inputs.Add(name, fileSystem.Kind);
        inputs.Add(name + ".label", fileSystem.Label);
        inputs.Add(name + ".id", fileSystem.Id);
        inputs.Add(name + ".bits", fileSystem.FatBits);
        inputs.Add(name + ".heads", fileSystem.Heads);
        inputs.Add(name + ".sectorsPerTrack", fileSystem.SectorsPerTrack);
        inputs.Add(name + ".reservedSectors", fileSystem.ReservedSectors);
        inputs.Add(name + ".first", fileSystem.FirstFiles.IsEmpty ? null : string.Join('/', fileSystem.FirstFiles));
        if (fileSystem.Kind == FileSystemKind.Erofs)
            inputs.Add(name + ".compression", fileSystem.Packing.Erofs);
        if (fileSystem.Kind != FileSystemKind.Squashfs)
            return;
        inputs.Add(name + ".compression", fileSystem.Packing.Compression);
        inputs.Add(name + ".level", fileSystem.Packing.Level);
        inputs.Add(name + ".block", fileSystem.Packing.BlockBytes);
    }

    private static void AddBlob(InputList inputs, string name, RawBlob blob)
    {
        // The image itself is told by its digest, which resolving adds.
        inputs.Add(name + (blob.Image is null && blob.PackagePath is null ? ".container" : ".path"), blob.ContainerPath);
        inputs.Add(name + ".deb", blob.PackagePath);
        inputs.Add(name + ".padding", blob.Padding is { } padding ? "0x" + padding.ToString("x2", CultureInfo.InvariantCulture) : null);
        inputs.Add(name + ".content", blob.RepositoryPath is { } path ? InputList.DigestOf(path) : null);
        inputs.Add(name + ".offset", blob.Offset);
        inputs.Add(name + ".limit", blob.Limit);
        inputs.Add(name + ".keep", blob.KeepRanges.IsEmpty ? null : string.Join(' ', blob.KeepRanges.Select(k => $"{k.FirstByte}-{k.EndByte}")));
    }

    private static void AddBoot(InputList inputs, BootManifest boot)
    {
        inputs.Add("board.boot.method", boot.Method);
        if (!boot.FurtherMethods.IsEmpty)
            inputs.AddWords("board.boot.method.further", [.. boot.FurtherMethods.Select(m => Words.Of(m))]);
        inputs.AddWords("board.boot.kernelArguments", boot.KernelArguments);
        inputs.Add("board.boot.root", boot.Root);
        inputs.Add("board.boot.deviceTree", boot.DeviceTree);
        for (var i = 0; i < boot.FirmwareFiles.Length; i++)
            inputs.Add($"board.boot.firmware[{i}]", $"{boot.FirmwareFiles[i].ContainerPath} to {boot.FirmwareFiles[i].TargetPath}");
    }
}
