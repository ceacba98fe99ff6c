using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Units;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Manifests.Yaml;
using Pipeline.Oci.Platforms;

namespace Pipeline.Engine.Manifests.Reading;

/// <summary>
/// A board's tree as a model. Mistakes of single values are reported here; what is wrong between values is the business
/// of <c>Checks</c>. The model of a tree with mistakes is only good for finding more of them.
/// </summary>
internal sealed class BoardReader(string rootPath, DiagnosticBag bag)
{
    private static readonly ByteSize DefaultAlignment = ByteSize.MiB(1);

    public BoardManifest Read(string name, YamlMap tree)
    {
        var sectorBytes = tree.Integer("sectorSize") is 4096 ? 4096 : 512;
        var platform = PlatformText.Read(tree.Scalar("platform"), bag);
        var table = ReadTable(tree, sectorBytes);
        var diskSize = tree.Scalar("diskSize");
        return new BoardManifest
        {
            Name = name,
            Span = tree.Span,
            Description = tree.Text("description") ?? "",
            Platform = platform ?? new Platform("linux", "amd64", null),
            SectorBytes = sectorBytes,
            Table = table,
            Partitions = [.. tree.Maps("partitions").Select(p => new PartitionReader(bag, table, sectorBytes, platform?.Architecture).Read(p))],
            Blobs = [.. tree.Maps("blobs").Select(b => new BlobReader(rootPath, sectorBytes, bag).Read(b))],
            Boot = ReadBoot(tree),
            DiskSize = diskSize?.Text is "content" or "power-of-two" ? null : SizeText.Read(diskSize, sectorBytes, bag),
            PowerOfTwoSize = diskSize?.Text == "power-of-two",
            Rom = Words.Rom(tree.Text("rom")),
            Verified = tree.Text("verified") ?? "none",
            Sources = [.. tree.Scalars("sources").Select(s => s.Text)],
            Imager = tree.Map("imager") is { } imager ? ReadImager(imager, platform) : null,
        };
    }

    private static ImagerDevice ReadImager(YamlMap imager, Platform? platform) => new(
        imager.Text("name") ?? "",
        [.. imager.Scalars("tags").Select(t => t.Text)],
        imager.Text("architecture") ?? platform switch
        {
            { Architecture: "arm64" } => "armv8",
            { Architecture: "arm", Variant: null } => "armhf",
            _ => null,
        },
        imager.Text("icon"));

    private PartitionTable ReadTable(YamlMap tree, int sectorBytes)
    {
        var table = tree.Map("table");
        var kind = table.Text("type") == "mbr" ? TableKind.Mbr : TableKind.Gpt;
        var entriesAt = SizeText.Read(table.Scalar("entriesAt"), sectorBytes, bag);
        var firstUsable = SizeText.Read(table.Scalar("firstUsable"), sectorBytes, bag);
        var id = kind == TableKind.Gpt ? IdentifierText.ReadGuid(table.Scalar("id"), bag) : IdentifierText.ReadHex32(table.Scalar("id"), bag);
        return new PartitionTable(
            kind,
            (int)Math.Clamp(table.Integer("entries") ?? 128, 4, 1024),
            firstUsable?.Bytes / sectorBytes,
            (entriesAt?.Bytes ?? 2L * sectorBytes) / sectorBytes,
            SizeText.Read(table.Scalar("alignment"), sectorBytes, bag) ?? DefaultAlignment,
            id,
            table?.Span)
        {
            Hybrid = [.. table.Maps("hybrid").Select(ReadHybrid)],
        };
    }

    private HybridEntry ReadHybrid(YamlMap entry)
    {
        var type = entry.Scalar("type");
        var resolved = PartitionTypes.Resolve(type?.Text ?? "", TableKind.Mbr, null);
        if (type is not null && resolved is null)
            bag.Add(ManifestRules.PartitionType, type.Span, Message.Quote(type.Text), "an MBR", "write a number such as '0x0c'");
        return new HybridEntry(entry.Text("partition") ?? "", resolved ?? "", entry.Boolean("active") ?? false, entry.Span);
    }

    private BootManifest ReadBoot(YamlMap tree)
    {
        var boot = tree.Map("boot");
        var deviceTree = boot.Scalar("deviceTree");
        if (deviceTree is not null && (deviceTree.Text.StartsWith('/') || PathText.Problem("/" + deviceTree.Text) is not null))
            bag.Add(ManifestRules.UnclearPath, deviceTree.Span, Message.Quote(deviceTree.Text), "write it relative to the kernel's device trees, such as 'rockchip/rk3399-rock-pi-4b.dtb'");
        var methods = MethodWords(boot).Select(w => Words.Method(w.Text)).ToImmutableArray();
        return new BootManifest(
            methods.FirstOrDefault(),
            KernelArgumentText.Read(boot.Scalars("kernelArguments"), bag),
            Words.Root(boot.Text("root")),
            deviceTree?.Text,
            [.. boot.Maps("firmware").Select(ReadFirmware)],
            boot?.Span)
        {
            FurtherMethods = [.. methods.Skip(1)],
        };
    }

    /// <summary>One word, or a list of them.</summary>
    internal static IEnumerable<YamlScalar> MethodWords(YamlMap? boot) =>
        boot.Scalar("method") is { } one ? [one] : boot.Scalars("method");

    private (string ContainerPath, string TargetPath) ReadFirmware(YamlMap firmware)
    {
        var to = firmware.Scalar("to");
        var target = PathText.Read(to, bag) ?? "/";
        // A trailing slash means "into this directory"; it is kept, because it decides the name.
        return (PathText.Read(firmware.Scalar("from"), bag) ?? "/", to?.Text.EndsWith('/') == true && target != "/" ? target + "/" : target);
    }
}
