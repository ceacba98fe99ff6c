using System.Collections.Immutable;
using System.Globalization;
using Pipeline.Core.Hashing;
using Pipeline.Engine.Manifests;
using Pipeline.Engine.Manifests.Models;

namespace Pipeline.Engine.Building.Disks;

/// <summary>Every identifier of a disk, given by the board or derived: known before anything is placed, because boot configurations name them.</summary>
internal sealed record DiskIdentity(Guid DiskGuid, uint MbrSignature, ImmutableArray<PartitionIdentity> Partitions)
{
    public static DiskIdentity Of(BoardManifest board, byte[] seed)
    {
        var given = board.Table.Id;
        var diskGuid = board.Table.Kind == TableKind.Gpt && given is not null ? Guid.Parse(given) : DerivedGuid.Create(seed, "disk");
        var signature = board.Table.Kind == TableKind.Mbr && given is not null
            ? ParseHex(given)
            : DerivedGuid.CreateUInt32(seed, "disk signature");
        return new(diskGuid, signature, [.. board.Partitions.Select((p, i) => PartitionIdentity.Of(board, p, i, seed, signature))]);
    }

    internal static uint ParseHex(string text) =>
        uint.Parse(text.Replace("0x", "", StringComparison.OrdinalIgnoreCase).Replace("-", "", StringComparison.Ordinal),
            NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}

/// <param name="PartUuid">As <c>root=PARTUUID=</c> wants it: the GUID, or with an MBR the signature and the number.</param>
/// <param name="FileSystemGuid">The UUID of ext4, swap and erofs.</param>
/// <param name="VolumeId">The serial number of FAT.</param>
internal sealed record PartitionIdentity(Guid UniqueGuid, string PartUuid, Guid FileSystemGuid, uint VolumeId, FileSystemKind Kind)
{
    /// <summary>As <c>UUID=</c> in an fstab wants it; null where the file system has none.</summary>
    public string? FileSystemUuid => Kind switch
    {
        FileSystemKind.Fat => $"{VolumeId >> 16:X4}-{VolumeId & 0xFFFF:X4}",
        FileSystemKind.None or FileSystemKind.Squashfs => null,
        _ => FileSystemGuid.ToString("D"),
    };

    public static PartitionIdentity Of(BoardManifest board, Partition partition, int index, byte[] seed, uint signature)
    {
        var purpose = $"partition {(index + 1).ToString(CultureInfo.InvariantCulture)}";
        var given = partition.FileSystem.Id;
        var kind = partition.FileSystem.Kind;
        var unique = partition.Id is not null && board.Table.Kind == TableKind.Gpt ? Guid.Parse(partition.Id) : DerivedGuid.Create(seed, purpose);
        return new(
            unique,
            board.Table.Kind == TableKind.Gpt ? unique.ToString("D") : $"{signature:x8}-{BoardPlacement.NumberOf(board, index):x2}",
            kind is FileSystemKind.Ext4 or FileSystemKind.Swap or FileSystemKind.Erofs && given is not null ? Guid.Parse(given) : DerivedGuid.Create(seed, purpose + " file system"),
            kind == FileSystemKind.Fat && given is not null ? DiskIdentity.ParseHex(given) : DerivedGuid.CreateUInt32(seed, purpose + " volume"),
            kind);
    }
}
