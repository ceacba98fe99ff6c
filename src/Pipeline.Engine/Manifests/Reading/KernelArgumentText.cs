using System.Collections.Immutable;
using System.Text;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Yaml;

namespace Pipeline.Engine.Manifests.Reading;

/// <summary>Kernel arguments, one an item: what the kernel would cut at a space must be written as two.</summary>
internal static class KernelArgumentText
{
    private const int MaxBytes = 1000;

    public static ImmutableArray<string> Read(IEnumerable<YamlScalar> scalars, DiagnosticBag bag)
    {
        var arguments = ImmutableArray.CreateBuilder<string>();
        foreach (var scalar in scalars)
        {
            if (Problem(scalar.Text) is { } problem)
                bag.Add(ManifestRules.KernelArgument, scalar.Span, Message.Quote(scalar.Text), problem);
            else
                arguments.Add(scalar.Text);
        }
        return arguments.ToImmutable();
    }

    internal static string? Problem(string text)
    {
        if (text.Length == 0)
            return "it is empty; remove it";
        if (text.Any(char.IsControl))
            return "it has a control character; remove it";
        if (Encoding.UTF8.GetByteCount(text) > MaxBytes)
            return $"it is longer than {MaxBytes} bytes; shorten it";
        if (text.Count(c => c == '"') % 2 != 0)
            return "a quote is not closed; close it";
        var quoted = false;
        foreach (var c in text)
        {
            if (c == '"')
                quoted = !quoted;
            else if (c == ' ' && !quoted)
                return "it has a space; write two items, or put quotes around the value";
        }
        return null;
    }
}
