using System.Collections.Immutable;
using System.Text;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Manifests.Notes;
using Pipeline.Engine.Manifests.Yaml;

namespace Pipeline.Engine.Manifests.Reading;

/// <summary><c>releases.notes</c> and <c>releases.sbom</c> of <c>pipeline.yaml</c>.</summary>
internal sealed class NotesReader(string rootPath, DiagnosticBag bag)
{
    private const int LimitBytes = 64 << 10;
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    public NotesConfig Read(YamlMap? notes) => new(ReadTemplate(notes.Scalar("template")), [.. notes.Scalars("highlights").Select(h => h.Text)]);

    public static ImmutableArray<SbomForm> ReadForms(YamlMap releases) =>
        [.. releases.Scalars("sbom").Select(f => f.Text == "spdx" ? SbomForm.Spdx : SbomForm.CycloneDx).Distinct().Order()];

    private NotesTemplate? ReadTemplate(YamlScalar? scalar)
    {
        if (RepositoryPath.ReadFile(scalar, rootPath, bag) is not { } path)
            return null;
        if (new FileInfo(path).Length > LimitBytes)
        {
            bag.Add(ManifestRules.TemplateUnreadable, scalar!.Span, Message.Quote(scalar.Text), $"it is longer than {LimitBytes >> 10} KiB");
            return null;
        }
        try
        {
            var text = Strict.GetString(File.ReadAllBytes(path));
            return new NotesTemplateReader(RepositoryPath.Relative(path, rootPath), bag).Read(text.TrimStart('\ufeff'));
        }
        catch (DecoderFallbackException)
        {
            bag.Add(ManifestRules.TemplateUnreadable, scalar!.Span, Message.Quote(scalar.Text), "it is not UTF-8");
            return null;
        }
    }
}
