using System.Globalization;
using Pipeline.Engine.Manifests.Models;

namespace Pipeline.Engine.Manifests.Reading;

/// <summary>
/// Names for partition types. UEFI 2.10 §5.3.3, the Discoverable Partitions Specification, and the usual MBR numbers; a
/// raw loader has the type that board containers use for it (GPT) or EBBR's 0xf8 (MBR).
/// </summary>
internal static class PartitionTypes
{
    private static readonly Dictionary<string, (string? Gpt, string? Mbr)> Names = new(StringComparer.Ordinal)
    {
        ["esp"] = ("c12a7328-f81f-11d2-ba4b-00a0c93ec93b", "ef"),
        ["root"] = (null, "83"),
        ["linux"] = ("0fc63daf-8483-4772-8e79-3d69d8477de4", "83"),
        ["home"] = ("933ac7e1-2eb4-4f13-b844-0e14e2aef915", "83"),
        ["srv"] = ("3b8f8425-20e0-4f3b-907f-1a25a76f98e8", "83"),
        ["var"] = ("4d21b016-b534-45c2-a9fb-5c16e091fd2d", "83"),
        ["swap"] = ("0657fd6d-a4ab-43c4-84e5-0933c84b4f4f", "82"),
        ["xbootldr"] = ("bc13c2ff-59e6-4262-a352-b275fd6f7172", "ea"),
        ["bios-boot"] = (GptBiosBoot, null),
        ["fat"] = ("ebd0a0a2-b9e5-4433-87c0-68b6b72699c7", "0c"),
        ["raw"] = ("8da63339-0007-60c0-c436-083ac8230908", "f8"),
    };

    private static readonly Dictionary<string, string> Roots = new(StringComparer.Ordinal)
    {
        ["386"] = "44479540-f297-41b2-9af7-d131d5f0458a",
        ["amd64"] = "4f68bce3-e8cd-4db1-96e7-fbcaf984b709",
        ["arm"] = "69dad710-2ce4-4e3c-b16c-21a1d49abed3",
        ["arm64"] = "b921b045-1df0-41c3-af44-4c6f280d3fae",
        ["loong64"] = "77055800-792c-4f94-b39a-98c91b762bb6",
        ["ppc64le"] = "c31c45e6-3f39-412e-80fb-4809c4980599",
        ["riscv64"] = "72ec70a6-cf74-40e6-bd49-4bda08e8f224",
        ["s390x"] = "5eead9a9-fe09-4a1e-a1d7-520d00531306",
    };

    /// <summary>EBBR: firmware that lies in a partition of an MBR.</summary>
    public const string MbrRaw = "f8";

    public const string GptEsp = "c12a7328-f81f-11d2-ba4b-00a0c93ec93b";

    public const string GptBiosBoot = "21686148-6449-6e6f-744e-656564454649";

    public static IEnumerable<string> All => Names.Keys;

    /// <summary>The type as the table holds it: a GUID in lower case, or two hex digits. Null when the table has no such type.</summary>
    /// <param name="architecture">Of the board; decides <c>root</c> in a GPT.</param>
    public static string? Resolve(string text, TableKind table, string? architecture)
    {
        if (Names.TryGetValue(text, out var named))
        {
            if (table == TableKind.Mbr)
                return named.Mbr;
            return text == "root" ? Roots.GetValueOrDefault(architecture ?? "amd64", named.Gpt ?? Names["linux"].Gpt!) : named.Gpt;
        }
        if (table == TableKind.Gpt)
            return Guid.TryParseExact(text, "D", out var guid) ? guid.ToString("D") : null;
        return text.Length == 4 && text.StartsWith("0x", StringComparison.Ordinal)
            && byte.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number) && number != 0
            ? number.ToString("x2", CultureInfo.InvariantCulture)
            : null;
    }

    public static bool IsEsp(Partition partition, TableKind table) => partition.TypeId == (table == TableKind.Gpt ? GptEsp : "ef");

    /// <summary>True for the types that the firmware of a machine takes for its boot FAT: an ESP, and in an MBR also 0x0c and 0x0e.</summary>
    public static bool IsBootFat(Partition partition, TableKind table) =>
        IsEsp(partition, table) || (table == TableKind.Mbr && partition.TypeId is "0c" or "0e");

    public static bool IsRoot(Partition partition, string architecture) => partition.TypeId == Roots.GetValueOrDefault(architecture);
}
