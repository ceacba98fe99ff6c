using System.Collections.Immutable;
using System.Globalization;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Reading;
using Pipeline.Engine.Manifests.Schema;
using Pipeline.Engine.Manifests.Yaml;

namespace Pipeline.Engine.Manifests.LinuxKit;

/// <summary>Mistakes between the values of merged files.</summary>
internal static class LinuxKitChecks
{
    public static void Run(YamlMap tree, LinuxKitDocument document, DiagnosticBag bag)
    {
        if (tree.Find("trust") is { } trust)
            bag.Add(LinuxKitRules.TrustIgnored, trust.KeySpan);
        if (tree.Map("kernel").Scalar("image") is null)
            bag.Add(LinuxKitRules.NoKernel, tree.SpanOf("kernel"));
        Unique(tree, "services", "service", bag);
        Unique(tree, "volumes", "volume", bag);
        Volumes(tree, bag);
        foreach (var container in document.Containers)
            Binds(container.Settings, document, container.Span, bag);
        Ids(tree, document.Ids, bag);
    }

    /// <summary>Volumes that binds name are there, and what is read-only is bound so.</summary>
    public static void Binds(ContainerSettings settings, LinuxKitDocument document, SourceSpan span, DiagnosticBag bag)
    {
        foreach (var bind in (settings.Binds ?? []).Concat(settings.BindsAdd).Concat(settings.Mounts ?? []).Where(b => b.Volume is not null))
        {
            var volume = document.Volumes.FirstOrDefault(v => v.Name == bind.Volume);
            if (volume is null)
                bag.Add(LinuxKitRules.NoVolume, span, Message.Quote(bind.Volume!), Advice(bind.Volume!, document.Volumes.Select(v => v.Name), "a source that is a path begins with '/'"));
            else if (volume.IsReadOnly && !bind.OptionList.Contains("ro"))
                bag.Add(LinuxKitRules.VolumeReadOnly, span, volume.Name, bind.Destination);
        }
    }

    /// <summary>A number, <c>root</c>, or the name of a container; null where it is none of them.</summary>
    public static uint? Id(string text, ImmutableDictionary<string, uint> ids) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number != uint.MaxValue ? number
        : text is "" or "root" ? 0
        : ids.TryGetValue(text, out var id) ? id : null;

    public static string IdAdvice(string text, ImmutableDictionary<string, uint> ids) => Advice(text, ids.Keys.Order(StringComparer.Ordinal), "there are no containers");

    private static string Advice(string text, IEnumerable<string> names, string none)
    {
        var all = names.ToList();
        return Nearest.Find(text, all) is { } near ? $"did you mean '{near}'?" : all.Count == 0 ? none : $"there are {Message.List(all)}";
    }

    private static void Unique(YamlMap tree, string list, string what, DiagnosticBag bag)
    {
        var seen = new Dictionary<string, SourceSpan>(StringComparer.Ordinal);
        foreach (var name in tree.Maps(list).Select(m => m.Scalar("name")).OfType<YamlScalar>())
        {
            if (!seen.TryAdd(name.Text, name.Span))
                bag.Add(LinuxKitRules.NameTwice, name.Span, what, Message.Quote(name.Text), seen[name.Text]);
        }
    }

    private static void Volumes(YamlMap tree, DiagnosticBag bag)
    {
        foreach (var volume in tree.Maps("volumes"))
        {
            if (volume.Find("platforms") is { } platforms && volume.Text("format") != "oci")
                bag.Add(LinuxKitRules.PlatformsAlone, platforms.KeySpan);
            if (volume.Text("format") == "oci" && volume.Scalar("image") is null)
                bag.Add(LinuxKitRules.OciWithoutImage, volume.Span, Message.Quote(volume.Text("name") ?? ""));
            foreach (var platform in volume.Scalars("platforms"))
                PlatformText.Read(platform, bag);
        }
    }

    private static void Ids(YamlMap tree, ImmutableDictionary<string, uint> ids, DiagnosticBag bag)
    {
        foreach (var list in new[] { "onboot", "onshutdown", "services", "files" })
        {
            var named = tree.Maps(list).SelectMany(m => new[] { m.Scalar("uid"), m.Scalar("gid") }.OfType<YamlScalar>().Concat(m.Scalars("additionalGids")));
            foreach (var id in named.Where(i => Id(i.Text, ids) is null))
                bag.Add(LinuxKitRules.IdName, id.Span, Message.Quote(id.Text), IdAdvice(id.Text, ids));
        }
    }
}
