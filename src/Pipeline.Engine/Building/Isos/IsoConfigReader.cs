using System.Collections.Immutable;
using System.Globalization;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Disk.Iso;
using Pipeline.Engine.Building.Boot;
using Pipeline.Engine.Manifests;
using Pipeline.Engine.Manifests.Reading;
using Pipeline.Engine.Manifests.Yaml;

namespace Pipeline.Engine.Building.Isos;

/// <summary>Reads a container's <c>iso.yaml</c>; every complaint has its file in the container, its line and its column.</summary>
internal sealed class IsoConfigReader(DiagnosticBag bag)
{
    private const int MaxTimeout = 24 * 60 * 60;
    private const int MaxEntries = 64;
    private const int MaxArguments = 256;

    /// <summary>Linux takes no longer command line.</summary>
    private const int MaxLineLength = 4096;

    /// <param name="span">Where the source was named, for a file that cannot be read at all.</param>
    public IsoConfig Read(FileTree tree, SourceSpan? span)
    {
        if (IsoConfig.Paths.FirstOrDefault(p => tree.Find(p) is RegularFile) is not { } path)
            return IsoConfig.None;
        var content = ((RegularFile)tree.Find(path)!).Content;
        if (content.LengthBytes <= YamlLimits.FileBytes)
            return Read(content.ReadAll(YamlLimits.FileBytes), "(container)" + path);
        bag.Add(IsoBuildRules.ConfigTooLong, span, path, content.LengthBytes, YamlLimits.FileBytes);
        return IsoConfig.None;
    }

    public IsoConfig Read(byte[] bytes, string file)
    {
        if (!bytes.AsSpan().ContainsAnyExcept(" \r\n"u8) || YamlReader.Read(bytes, file, bag) is not { } root || root is YamlScalar { Kind: ScalarKind.Null })
            return IsoConfig.None;
        if (root is not YamlMap map)
        {
            Wrong(root, "iso.yaml", "a map");
            return IsoConfig.None;
        }
        Only(map, "label", "grub2", "kernel_args");
        var grub = Child<YamlMap>(map, "grub2", "a map");
        if (grub is not null)
            Only(grub, "default", "timeout", "entries");
        var entries = ReadEntries(grub);
        return new()
        {
            Label = ReadLabel(map),
            Default = Number(grub, "default", Math.Max(0, entries.Length - 1)) ?? 0,
            Timeout = Number(grub, "timeout", MaxTimeout),
            Entries = entries,
            KernelArguments = ReadArguments(map),
        };
    }

    private Located<string>? ReadLabel(YamlMap map)
    {
        if (Child<YamlScalar>(map, "label", "a text") is not { } label)
            return null;
        if (IsoVolumeId.Problem(label.Text) is { } problem)
            bag.Add(IsoBuildRules.BadLabel, label.Span, Message.Quote(label.Text), problem);
        return new(label.Text, label.Span);
    }

    private ImmutableArray<IsoMenuEntry> ReadEntries(YamlMap? grub)
    {
        if (grub is null || Child<YamlSequence>(grub, "entries", "a list") is not { } list)
            return [];
        if (list.Items.Length > MaxEntries)
            bag.Add(IsoBuildRules.WrongValue, list.Span, "grub2.entries", $"a list of {list.Items.Length}", $"at most {MaxEntries}");
        var entries = ImmutableArray.CreateBuilder<IsoMenuEntry>();
        foreach (var (index, item) in list.Items.Take(MaxEntries).Index())
        {
            var place = $"grub2.entries[{index}]";
            if (item is not YamlMap entry)
            {
                Wrong(item, place, "a map with 'name', 'linux' and 'initrd'");
                continue;
            }
            Only(entry, "name", "linux", "initrd");
            entries.Add(new(Line(entry, place, "name"), Line(entry, place, "linux"), Line(entry, place, "initrd")) { Span = entry.Span });
        }
        return entries.ToImmutable();
    }

    /// <summary>A text that must be there, and stay on one line of GRUB's configuration.</summary>
    private string Line(YamlMap entry, string place, string key)
    {
        if (entry.Find(key) is null)
        {
            bag.Add(IsoBuildRules.WrongValue, entry.Span, $"{place}.{key}", "missing", "a text");
            return "";
        }
        if (entry.Scalar(key) is not { } scalar)
            Wrong(entry.Find(key)!.Value, $"{place}.{key}", "a text");
        else if (scalar.Text.Length is > 0 and <= MaxLineLength && !scalar.Text.Any(char.IsControl))
            return scalar.Text;
        else
            Wrong(scalar, $"{place}.{key}", $"one line of 1 to {MaxLineLength} characters");
        return "";
    }

    private ImmutableArray<string> ReadArguments(YamlMap map)
    {
        if (Child<YamlSequence>(map, "kernel_args", "a list of texts") is not { } list)
            return [];
        var words = new List<string>();
        foreach (var item in list.Items)
        {
            if (item is not YamlScalar { Kind: not ScalarKind.Null } scalar)
                Wrong(item, "kernel_args", "a list of texts");
            else
                words.AddRange(ContainerArguments.Split(scalar.Text).Where(w => IsArgument(w, scalar)));
        }
        if (words.Count > MaxArguments)
            bag.Add(IsoBuildRules.WrongValue, list.Span, "kernel_args", $"a list of {words.Count}", $"at most {MaxArguments}");
        return [.. words.Take(MaxArguments)];
    }

    private bool IsArgument(string word, YamlScalar scalar)
    {
        if (KernelArgumentText.Problem(word) is not { } problem)
            return true;
        bag.Add(IsoBuildRules.WrongValue, scalar.Span, "kernel_args", problem, "kernel arguments");
        return false;
    }

    private int? Number(YamlMap? map, string key, int most)
    {
        if (map?.Find(key) is not { } entry || entry.Value is YamlScalar { Kind: ScalarKind.Null })
            return null;
        // The contract's words call them texts, its tool numbers.
        if (map.Scalar(key) is { } scalar && int.TryParse(scalar.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= most)
            return number;
        Wrong(entry.Value, $"grub2.{key}", $"a number from 0 to {most}");
        return null;
    }

    /// <summary>A value of one kind; nothing where there is none.</summary>
    private T? Child<T>(YamlMap map, string key, string expected) where T : YamlNode
    {
        if (map.Find(key)?.Value is not { } value || value is YamlScalar { Kind: ScalarKind.Null })
            return null;
        if (value is T right)
            return right;
        Wrong(value, key, expected);
        return null;
    }

    private void Wrong(YamlNode node, string what, string expected) =>
        bag.Add(IsoBuildRules.WrongValue, node.Span, what, node.Description, expected);

    private void Only(YamlMap map, params string[] known)
    {
        foreach (var entry in map.Entries.Where(e => !known.Contains(e.Key, StringComparer.Ordinal)))
            bag.Add(IsoBuildRules.UnknownKey, entry.KeySpan, $"'{Message.Quote(entry.Key)}'", string.Join(", ", known));
    }
}
