using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Schema;
using Pipeline.Engine.Manifests.Yaml;

namespace Pipeline.Engine.Manifests.LinuxKit;

/// <summary>The text of a label as the settings of a container. Its places are of no use to anybody: there is no file.</summary>
internal static class LabelReader
{
    private const string File = "label";
    private static readonly string[] Forbidden = ["name", "image"];

    public static Result<ContainerSettings> Read(ReadOnlySpan<byte> text)
    {
        var bag = new DiagnosticBag();
        var node = YamlReader.Read(text, File, bag);
        if (node is not YamlMap label)
        {
            if (!bag.HasErrors)
                bag.Add(ManifestRules.WrongType, null, "the label", "a map", node?.Description ?? "nothing", "");
            return Result<ContainerSettings>.Failed(bag.ToImmutable());
        }
        foreach (var key in Forbidden.Where(k => label.Find(k) is not null))
            bag.Add(LinuxKitRules.LabelName, null, key);
        if (!bag.HasErrors)
            bag.AddRange(ManifestSchema.LinuxKit.Validate(AsService(label)));
        var settings = new ContainerReader(bag).Read(label);
        return bag.HasErrors ? Result<ContainerSettings>.Failed(bag.ToImmutable()) : settings;
    }

    /// <summary>The schema knows containers with a name and an image, so it is shown one.</summary>
    private static YamlMap AsService(YamlMap label)
    {
        YamlMap service = new([.. Forbidden.Select(k => Entry(k, new YamlScalar("x", ScalarKind.Text, label.Span))), .. label.Entries], label.Span);
        return new([Entry("services", new YamlSequence([service], label.Span))], label.Span);

        YamlEntry Entry(string key, YamlNode value) => new(key, label.Span, value);
    }
}
