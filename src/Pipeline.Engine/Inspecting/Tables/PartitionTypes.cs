using System.Collections.Frozen;

namespace Pipeline.Engine.Inspecting.Tables;

/// <summary>The types of partitions in words: UEFI, the Discoverable Partitions Specification, and what board vendors use.</summary>
internal static class PartitionTypes
{
    public const string Extended = "extended";

    private static readonly FrozenDictionary<Guid, string> Guids = new Dictionary<Guid, string>
    {
        [new("c12a7328-f81f-11d2-ba4b-00a0c93ec93b")] = "EFI system",
        [new("bc13c2ff-59e6-4262-a352-b275fd6f7172")] = "extended boot loader",
        [new("21686148-6449-6e6f-744e-656564454649")] = "BIOS boot",
        [new("9e1a2d38-c612-4316-aa26-8b49521e5a8b")] = "PReP boot",
        [new("ebd0a0a2-b9e5-4433-87c0-68b6b72699c7")] = "basic data",
        [new("0fc63daf-8483-4772-8e79-3d69d8477de4")] = "Linux data",
        [new("0657fd6d-a4ab-43c4-84e5-0933c84b4f4f")] = "Linux swap",
        [new("e6d6d379-f507-44c2-a23c-238f2a3df928")] = "Linux LVM",
        [new("4f68bce3-e8cd-4db1-96e7-fbcaf984b709")] = "Linux root (x86-64)",
        [new("b921b045-1df0-41c3-af44-4c6f280d3fae")] = "Linux root (arm64)",
        [new("69dad710-2ce4-4e3c-b16c-21a1d49abed3")] = "Linux root (arm)",
        [new("72ec70a6-cf74-40e6-bd49-4bda08e8f224")] = "Linux root (riscv64)",
        [new("44479540-f297-41b2-9af7-d131d5f0458a")] = "Linux root (x86)",
        [new("933ac7e1-2eb4-4f13-b844-0e14e2aef915")] = "Linux home",
        [new("4d21b016-b534-45c2-a9fb-5c16e091fd2d")] = "Linux variable data",
        [new("8da63339-0007-60c0-c436-083ac8230908")] = "reserved (raw loader)",
        [new("2e54b353-1271-4842-806f-e436d6af6985")] = "JH7110 SPL or SiFive U-Boot",
        [new("5b193300-fc78-40cd-8002-e86c45580b47")] = "SiFive SPL",
        [new("3de21764-95bd-54bd-a5c3-4abe786f38a8")] = "U-Boot environment",
    }.ToFrozenDictionary();

    public static string? NameOf(Guid type) => Guids.GetValueOrDefault(type);

    public static string? NameOf(byte type) => type switch
    {
        0x01 => "FAT12",
        0x04 or 0x06 or 0x0E => "FAT16",
        0x05 or 0x0F or 0x85 => Extended,
        0x07 => "NTFS or exFAT",
        0x0B or 0x0C => "FAT32",
        0x41 => "PReP boot",
        0x82 => "Linux swap",
        0x83 => "Linux",
        0x8E => "Linux LVM",
        0xEA => "extended boot loader",
        0xEE => "GPT protective",
        0xEF => "EFI system",
        0xF8 => "reserved (raw loader)",
        _ => null,
    };
}
