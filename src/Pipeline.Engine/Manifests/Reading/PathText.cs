using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Yaml;

namespace Pipeline.Engine.Manifests.Reading;

/// <summary>Paths inside the image: absolute, plain, and never more than they look.</summary>
internal static class PathText
{
    private const int MaxNameBytes = 255;
    private const int MaxPathBytes = 4095;

    /// <summary>The path without a trailing slash (except <c>/</c> itself); null when it is absent or wrong.</summary>
    public static string? Read(YamlScalar? scalar, DiagnosticBag bag)
    {
        if (scalar is null)
            return null;
        var path = scalar.Text;
        if (!path.StartsWith('/'))
        {
            bag.Add(ManifestRules.RelativePath, scalar.Span, Message.Quote(path));
            return null;
        }
        if (Problem(path) is { } problem)
        {
            bag.Add(ManifestRules.UnclearPath, scalar.Span, Message.Quote(path), problem);
            return null;
        }
        return path.Length > 1 ? path.TrimEnd('/') : path;
    }

    /// <summary>What keeps a path from being plain, and what to do; null when nothing does.</summary>
    public static string? Problem(string path)
    {
        if (path.Any(char.IsControl))
            return "it has a control character; remove it";
        if (System.Text.Encoding.UTF8.GetByteCount(path) > MaxPathBytes)
            return $"it is longer than {MaxPathBytes} bytes; shorten it";
        foreach (var name in path.Trim('/').Split('/'))
        {
            if (name == "..")
                return "it has '..'; write the path that is meant";
            if (name == "." || (name.Length == 0 && path.Trim('/').Length > 0))
                return "it has an empty or '.' part; write the path without it";
            if (System.Text.Encoding.UTF8.GetByteCount(name) > MaxNameBytes)
                return $"a part is longer than {MaxNameBytes} bytes; shorten it";
        }
        return null;
    }
}
