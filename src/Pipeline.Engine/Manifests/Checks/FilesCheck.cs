using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Manifests.Yaml;

namespace Pipeline.Engine.Manifests.Checks;

/// <summary>Extra files do not get in each other's way.</summary>
internal static class FilesCheck
{
    public static void Run(Customization customization, YamlMap tree, DiagnosticBag bag)
    {
        var trees = tree.Map("customize").Maps("files").ToList();
        var seen = new Dictionary<string, (ExtraFile File, SourceSpan Span)>(StringComparer.Ordinal);
        for (var i = 0; i < customization.Files.Length; i++)
        {
            var file = customization.Files[i];
            var span = trees[i].SpanOf("path");
            if (file.Path.Length > 0 && !seen.TryAdd(file.Path, (file, span)))
                bag.Add(ManifestRules.DuplicateFile, span, Message.Quote(file.Path), seen[file.Path].Span);
        }
        foreach (var (path, (_, span)) in seen)
            CheckParents(path, span, seen, bag);
    }

    private static void CheckParents(string path, SourceSpan span, Dictionary<string, (ExtraFile File, SourceSpan Span)> seen, DiagnosticBag bag)
    {
        for (var slash = path.LastIndexOf('/'); slash > 0; slash = path.LastIndexOf('/', slash - 1))
        {
            if (!seen.TryGetValue(path[..slash], out var parent) || IsDirectory(parent.File))
                continue;
            var what = parent.File.LinkTarget is null ? "a file" : "a link";
            bag.Add(ManifestRules.FileBelowFile, span, Message.Quote(path), Message.Quote(path[..slash]), what, parent.Span);
            return;
        }
    }

    private static bool IsDirectory(ExtraFile file) => file is { SourcePath: null, Text: null, LinkTarget: null };
}
