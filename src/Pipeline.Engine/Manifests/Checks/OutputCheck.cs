using Pipeline.Core.Diagnostics;
using Pipeline.Disk.Fat;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Manifests.Reading;
using Pipeline.Engine.Manifests.Yaml;

namespace Pipeline.Engine.Manifests.Checks;

/// <summary>
/// Outputs differ (a target is an image, a board and a kind, so each kind comes once), and their keys mean something on
/// their kind.
/// </summary>
internal static class OutputCheck
{
    /// <summary>As ISO 9660 has it for volumes.</summary>
    private const int IsoLabelLength = 32;

    public static void Run(ImageManifest image, YamlMap tree, DiagnosticBag bag)
    {
        var seen = new HashSet<OutputKind>();
        foreach (var output in image.Outputs.Where(o => !seen.Add(o.Kind)))
            bag.Add(ManifestRules.OutputTwice, output.Span, Words.Of(output.Kind));
        foreach (var (output, node) in image.Outputs.Zip(tree.Items("outputs")))
        {
            if (node is YamlMap map)
                CheckKeys(output, map, bag);
        }
    }

    /// <summary>What can be said of each kind, beside <c>kind</c>.</summary>
    private static string[] KeysOf(OutputKind kind) => kind switch
    {
        OutputKind.Iso => ["compression", "bmap", "root", "exclude", "label", "persistence", "verity"],
        OutputKind.Live => ["compression", "bmap", "root", "exclude", "label", "persistence", "verity", "rootIn", "table"],
        OutputKind.Esp => ["compression", "root", "exclude", "label", "table"],
        OutputKind.Netboot => ["root", "exclude"],
        _ => ["compression", "bmap"],
    };

    private static void CheckKeys(Output output, YamlMap map, DiagnosticBag bag)
    {
        // What no kind knows was already complained of.
        foreach (var key in Enum.GetValues<OutputKind>().SelectMany(KeysOf).Distinct().Except(KeysOf(output.Kind)).Where(k => map.Find(k) is not null))
            bag.Add(ManifestRules.KeyNotHere, map.KeySpanOf(key), key, On(output));
        if (output.IsLive)
            CheckRoot(output, map, bag);
        if (output.Live is { Verity: true, RootPlace: LiveRootPlace.File })
            bag.Add(ManifestRules.KeyNotHere, map.SpanOf("rootIn"), "file", "beside verity, which reads the root from a partition of its own");
        if (output.IsLive && map.Scalar("label") is { } label && LabelProblem(label.Text, output.Kind) is { } wrong)
            bag.Add(ManifestRules.LiveLabel, label.Span, Message.Quote(label.Text), wrong.Problem, wrong.Advice);
    }

    private static string On(Output output) => $"on an output of kind {Words.Of(output.Kind)}";

    private static void CheckRoot(Output output, YamlMap map, DiagnosticBag bag)
    {
        if (output.Live.Root == LiveRootKind.Initrd && output.Kind != OutputKind.Netboot)
            bag.Add(ManifestRules.KeyNotHere, map.SpanOf("root"), "initrd", On(output));
        if (map.Map("root") is not { } root)
            return;
        string[] foreign = output.Live.Root switch
        {
            LiveRootKind.Squashfs => [],
            LiveRootKind.Initrd => ["block"],
            _ => ["level", "block"],
        };
        foreach (var key in foreign.Where(k => root.Find(k) is not null))
            bag.Add(ManifestRules.KeyNotHere, root.KeySpanOf(key), key, $"on a root of type {Words.Of(output.Live.Root)}");
        if (output.Live.Root != LiveRootKind.Initrd)
            FileSystemCheck.CheckPacking(root, output.Live.Root == LiveRootKind.Erofs, bag);
        if (foreign.Length < 2)
            FileSystemCheck.CheckLevel(output.Live.Packing, root, bag);
    }

    /// <summary>A label stands on the kernel command line and in udev's links, so it is plain.</summary>
    private static (string Problem, string Advice)? LabelProblem(string label, OutputKind kind)
    {
        var (most, isFat) = kind == OutputKind.Iso ? (IsoLabelLength, false) : (FatLabel.MaxLength, true);
        var advice = $"1 to {most} of {(isFat ? "A-Z, 0-9, '-' and '_'" : "A-Z, a-z, 0-9, '.', '-' and '_'")}";
        if (label.Length > most)
            return ($"has {label.Length} characters", advice);
        var isPlain = label.All(c => char.IsAsciiLetterUpper(c) || char.IsAsciiDigit(c) || c is '-' or '_' || (!isFat && (char.IsAsciiLetterLower(c) || c == '.')));
        return isPlain ? null : ("has other characters than a medium's name may have", advice);
    }
}
