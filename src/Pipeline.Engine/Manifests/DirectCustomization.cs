using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Manifests.Reading;
using Pipeline.Engine.Manifests.Yaml;

namespace Pipeline.Engine.Manifests;

/// <summary>A customisation that a command line says: judged by the rules of manifests, told without a place.</summary>
public static class DirectCustomization
{
    private static readonly SourceSpan Nowhere = new("", 1, 1);

    public static Result<Customization> Read(string? hostname, IEnumerable<string> kernelArguments)
    {
        var bag = new DiagnosticBag();
        var customization = new Customization
        {
            Hostname = SystemText.Hostname(hostname is null ? null : Scalar(hostname), bag),
            KernelArguments = KernelArgumentText.Read(kernelArguments.Select(Scalar), bag),
        };
        ImmutableArray<Diagnostic> diagnostics = [.. bag.ToImmutable().Select(d => d with { Span = null })];
        return new(customization, diagnostics);
    }

    private static YamlScalar Scalar(string text) => new(text, ScalarKind.Text, Nowhere);
}
