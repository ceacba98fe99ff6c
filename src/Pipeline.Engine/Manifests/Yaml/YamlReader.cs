using System.Text;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Reading;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Pipeline.Engine.Manifests.Yaml;

/// <summary>
/// Bytes to a tree of places. Whatever the bytes are, the answer is a tree or diagnostics, never an exception. Reads one
/// document of YAML 1.2 with the core schema: <c>no</c> and <c>on</c> are text; there are no merge keys.
/// </summary>
internal static class YamlReader
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>Null when there is no tree; then <paramref name="bag"/> says why.</summary>
    /// <param name="file">Relative to the repository; it names the places.</param>
    /// <param name="rootPath">A link that leads out of it is not followed.</param>
    /// <param name="tree">Null for a file of the repository itself.</param>
    public static YamlNode? ReadFile(string path, string file, string rootPath, DiagnosticBag bag, SourceTree? tree = null)
    {
        try
        {
            if (!RepositoryPath.StaysInside(path, rootPath))
            {
                bag.Add(ManifestRules.Unreadable, new SourceSpan(file, 1, 1), file, "a link leads out of the repository");
                return null;
            }
            using var stream = File.OpenRead(path);
            var bytes = new byte[YamlLimits.FileBytes + 1];
            var length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return Read(bytes.AsSpan(0, length), file, bag, tree);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            bag.Add(ManifestRules.Unreadable, new SourceSpan(file, 1, 1), file, $"it cannot be opened ({e.GetType().Name})");
            return null;
        }
    }

    public static YamlNode? Read(ReadOnlySpan<byte> bytes, string file, DiagnosticBag bag, SourceTree? tree = null)
    {
        var start = new SourceSpan(file, 1, 1);
        if (bytes.Length > YamlLimits.FileBytes)
        {
            bag.Add(ManifestRules.Unreadable, start, file, "it is larger than 1 MiB");
            return null;
        }
        if (Decode(bytes) is not { } text)
        {
            bag.Add(ManifestRules.Unreadable, start, file, "it is not UTF-8 text");
            return null;
        }
        return Parse(text, file, bag, tree);
    }

    private static string? Decode(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return StrictUtf8.GetString(bytes.StartsWith(Encoding.UTF8.Preamble) ? bytes[3..] : bytes);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    private static YamlNode? Parse(string text, string file, DiagnosticBag bag, SourceTree? tree)
    {
        if (YamlMessages.FindControl(text, file) is { } control)
        {
            bag.Add(ManifestRules.Syntax, control, "a control character stands here; write it as an escape in double quotes, or remove it");
            return null;
        }
        var builder = new YamlTreeBuilder(file, tree, bag);
        try
        {
            return builder.Build(new Parser(new Scanner(new StringReader(text), skipComments: true)));
        }
        catch (YamlException e)
        {
            var tab = YamlMessages.FindTab(text, file);
            // Tabs are lawful inside a block of text; only what the scanner stumbled over counts.
            if (tab?.Line != e.Start.Line && !e.Message.Contains(" tab", StringComparison.Ordinal))
                tab = null;
            bag.Add(ManifestRules.Syntax, tab ?? YamlMessages.SpanOf(e.Start, file), tab is null ? YamlMessages.Plain(e) : "a tab indents this line; YAML is indented with spaces only");
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or FormatException or IndexOutOfRangeException or OverflowException)
        {
            // The scanner trips over some garbage in ways of its own; the place is then the last one known to be good.
            bag.Add(ManifestRules.Syntax, builder.LastSpan, "it cannot be understood from here on; look for a bracket, brace or quote that is not closed");
        }
        return null;
    }
}
