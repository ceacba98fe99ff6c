using System.Globalization;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Manifests.Yaml;

namespace Pipeline.Engine.Manifests.Reading;

/// <summary>One partition of a board.</summary>
internal sealed class PartitionReader(DiagnosticBag bag, PartitionTable table, int sectorBytes, string? architecture)
{
    public Partition Read(YamlMap tree)
    {
        var size = tree.Scalar("size");
        var rule = size?.Text switch { "content" => SizeRule.Content, "rest" => SizeRule.Rest, _ => SizeRule.Fixed };
        var fileSystem = ReadFileSystem(tree);
        var minimum = SizeText.Read(tree.Scalar("minimum"), sectorBytes, bag);
        return new Partition(
            tree.Text("name") ?? "",
            ReadType(tree.Scalar("type")),
            fileSystem,
            rule,
            rule == SizeRule.Fixed ? SizeText.Read(size, sectorBytes, bag) : minimum,
            SizeText.Read(tree.Scalar("offset"), sectorBytes, bag),
            PathText.Read(tree.Scalar("mount"), bag),
            ReadFlags(tree, fileSystem.IsReadOnly),
            SizeText.Read(tree.Scalar("freeSpace"), sectorBytes, bag),
            IdentifierText.ReadGuid(tree.Scalar("id"), bag),
            tree.Span)
        {
            Maximum = SizeText.Read(tree.Scalar("maximum"), sectorBytes, bag),
            CopyOf = tree.Text("copyOf"),
            Label = tree.Text("label"),
        };
    }

    private string ReadType(YamlScalar? type)
    {
        if (type is null)
            return "";
        if (PartitionTypes.Resolve(type.Text, table.Kind, architecture) is { } resolved)
            return resolved;
        var (name, advice) = table.Kind == TableKind.Gpt
            ? ("a GPT", $"write a GUID or one of {string.Join(", ", PartitionTypes.All)}")
            : ("an MBR", $"write a number such as '0x0c' or one of {string.Join(", ", PartitionTypes.All.Where(n => n != "bios-boot"))}");
        bag.Add(ManifestRules.PartitionType, type.Span, Message.Quote(type.Text), name, advice);
        return "";
    }

    private FileSystemManifest ReadFileSystem(YamlMap tree)
    {
        if (tree.Scalar("filesystem") is { } word)
            return new FileSystemManifest(Words.FileSystem(word.Text), null, null, null, null, null, word.Span);
        if (tree.Map("filesystem") is not { } map)
            return new FileSystemManifest(FileSystemKind.None, null, null, null, null, null, null);
        var kind = Words.FileSystem(map.Text("type"));
        return new FileSystemManifest(
            kind,
            map.Text("label"),
            kind == FileSystemKind.Fat ? IdentifierText.ReadHex32(map.Scalar("id"), bag) : IdentifierText.ReadGuid(map.Scalar("id"), bag),
            (int?)map.Integer("bits"),
            (int?)map.Integer("heads"),
            (int?)map.Integer("sectorsPerTrack"),
            map.Span)
        {
            ReservedSectors = (int?)map.Integer("reservedSectors"),
            FirstFiles = [.. map.Scalars("first").Select(f => f.Text)],
            Packing = new(Words.Packing(map.Text("compression")), (int?)map.Integer("level"), Words.BlockBytes(map.Text("block")))
            {
                Erofs = Words.ErofsPacking(map.Text("compression")),
            },
        };
    }

    /// <param name="tree">The partition.</param>
    /// <param name="isReadOnly">Its file system cannot be written to, so the table says so too.</param>
    private PartitionFlags ReadFlags(YamlMap tree, bool isReadOnly)
    {
        var attributes = 0UL;
        var words = tree.Scalars("flags").ToList();
        if (isReadOnly && table.Kind == TableKind.Gpt)
            attributes |= 1UL << Words.GptAttribute("read-only")!.Value;
        foreach (var flag in words)
        {
            if (Words.GptAttribute(flag.Text) is { } bit && table.Kind == TableKind.Gpt)
                attributes |= 1UL << bit;
            if (FlagProblem(flag.Text) is { } advice)
                bag.Add(ManifestRules.FlagNotHere, flag.Span, flag.Text, table.Kind == TableKind.Gpt ? "a GPT" : "an MBR", advice);
        }
        foreach (var bit in tree.Scalars("attributes").Where(_ => table.Kind == TableKind.Gpt))
        {
            if (byte.TryParse(bit.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < 64)
                attributes |= 1UL << number;
        }
        return new PartitionFlags(attributes, words.Exists(w => w.Text == "active"), words.Exists(w => w.Text == "grow"), isReadOnly || words.Exists(w => w.Text == "read-only"));
    }

    private string? FlagProblem(string flag) => (table.Kind, flag) switch
    {
        (TableKind.Gpt, "active") => "write legacy-boot",
        (TableKind.Mbr, "legacy-boot") => "write active",
        (TableKind.Mbr, "required" or "no-block-io" or "no-auto") => "remove it",
        _ => null,
    };
}
