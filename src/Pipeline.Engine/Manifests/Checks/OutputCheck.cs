using Pipeline.Core.Diagnostics;
using Pipeline.Core.Units;
using Pipeline.Disk.Fat;
using Pipeline.Engine.Manifests.LinuxKit;
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

    private static readonly ByteSize LeastPersistence = ByteSize.MiB(1);

    public static void Run(ImageManifest image, YamlMap manifest, DiagnosticBag bag)
    {
        var seen = new HashSet<OutputKind>();
        foreach (var output in image.Outputs.Where(o => !seen.Add(o.Kind)))
            bag.Add(ManifestRules.OutputTwice, output.Span, Words.Of(output.Kind));
        foreach (var (output, node) in image.Outputs.Zip(manifest.Items("outputs")))
        {
            if (node is YamlMap map)
                CheckKeys(output, map, LinuxKitReader.Is(image.Source), bag);
            if (image.LinuxKit is not null && node is YamlMap tree)
                CheckLinuxKit(output, tree, bag);
            if (output.IsLinuxKit && !LinuxKitReader.Is(image.Source))
                bag.Add(ManifestRules.LinuxKitOutput, node.Span, Words.Of(output.Kind));
        }
    }

    /// <summary>What can be said of each kind, beside <c>kind</c>.</summary>
    private static string[] KeysOf(OutputKind kind) => kind switch
    {
        OutputKind.Iso => ["compression", "bmap", "root", "exclude", "label", "persistence", "payload"],
        OutputKind.Live => ["compression", "bmap", "root", "exclude", "label", "persistence", "verity", "rootIn", "table", "payload"],
        OutputKind.Esp => ["compression", "root", "exclude", "label", "table", "payload"],
        OutputKind.Netboot => ["root", "exclude", "baseUrl", "efi", "payload"],
        OutputKind.KernelInitrd or OutputKind.TarKernelInitrd or OutputKind.KernelSquashfs => [],
        _ => ["compression", "bmap"],
    };

    /// <summary>Its root is in the initrd, whole, and forgets what is written.</summary>
    private static void CheckLinuxKit(Output output, YamlMap map, DiagnosticBag bag)
    {
        foreach (var key in new[] { "exclude", "persistence", "verity", "rootIn", "payload" }.Where(k => KeysOf(output.Kind).Contains(k) && map.Find(k) is not null))
            bag.Add(ManifestRules.KeyNotHere, map.KeySpanOf(key), key, "for a system of several containers, whose root is the initrd");
        if (output.IsLive && map.Find("root") is { } root && output.Live.Root != LiveRootKind.Initrd)
            bag.Add(ManifestRules.LinuxKitRoot, root.Value.Span, Words.Of(output.Live.Root));
    }

    private static void CheckKeys(Output output, YamlMap map, bool isLinuxKit, DiagnosticBag bag)
    {
        // What no kind knows was already complained of.
        foreach (var key in Enum.GetValues<OutputKind>().SelectMany(KeysOf).Distinct().Except(KeysOf(output.Kind)).Where(k => map.Find(k) is not null))
            bag.Add(ManifestRules.KeyNotHere, map.KeySpanOf(key), key, On(output));
        if (output.IsLive)
            CheckRoot(output, map, isLinuxKit, bag);
        if (map.Scalar("baseUrl") is { } url && !IsBaseUrl(url.Text))
            bag.Add(ManifestRules.BaseUrl, url.Span, Message.Quote(url.Text));
        if (output is { Kind: OutputKind.Netboot, Live: { Efi: true, BaseUrl: null, Root: not LiveRootKind.Initrd } } && !isLinuxKit)
            bag.Add(ManifestRules.EfiWithoutAddress, map.KeySpanOf("efi"), Words.Of(output.Live.Root));
        if (output.Live.Persistence is { } kept && kept.Bytes < LeastPersistence.Bytes)
            bag.Add(ManifestRules.PersistenceTooSmall, map.SpanOf("persistence"), kept, LeastPersistence);
        if (output.Live is { Verity: true, RootPlace: LiveRootPlace.File })
            bag.Add(ManifestRules.KeyNotHere, map.SpanOf("rootIn"), "file", "beside verity, which reads the root from a partition of its own");
        if (output.IsLive && map.Scalar("label") is { } label && LabelProblem(label.Text, output.Kind) is { } wrong)
            bag.Add(ManifestRules.LiveLabel, label.Span, Message.Quote(label.Text), wrong.Problem, wrong.Advice);
    }

    /// <summary>It stands in a script of iPXE and on a kernel command line: nothing in it may mean something there.</summary>
    private static bool IsBaseUrl(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" or "ftp" or "tftp"
        && url.Query.Length == 0 && url.Fragment.Length == 0 && url.UserInfo.Length == 0 && text.All(c => c is > ' ' and < (char)0x7F && c is not ('$' or '"' or '\'' or '\\'));

    private static string On(Output output) => $"on an output of kind {Words.Of(output.Kind)}";

    private static void CheckRoot(Output output, YamlMap map, bool isLinuxKit, DiagnosticBag bag)
    {
        if (output.Live.Root == LiveRootKind.Initrd && output.Kind != OutputKind.Netboot && !isLinuxKit)
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
