using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Manifests.Notes;

public sealed class NotesTemplateTests
{
    [Theory]
    [InlineData("{{image}} {{ version }}", "kiosk 1")]
    [InlineData("a{{! a remark }}b", "ab")]
    [InlineData("{{#why}}yes {{why}}{{/why}}{{^why}}no{{/why}}", "yes because")]
    [InlineData("{{#commits}}yes{{/commits}}{{^commits}}none{{/commits}}", "none")]
    [InlineData("{{#why}}{{#commits}}x{{/commits}}y{{/why}}", "y")]
    [InlineData("a\n{{#why}}\nb\n{{/why}}\nc\n", "a\nb\nc\n")]
    [InlineData("a\r\n  {{^why}}  \r\nb\r\n{{/why}}\r\nc", "a\nc")]
    [InlineData("{{! alone }}\n# x\n", "# x\n")]
    [InlineData("a {{#why}}\nb{{/why}}", "a \nb")]
    [InlineData("{ {image} } {image} }}", "{ {image} } {image} }}")]
    public void Places_are_filled_and_lines_of_parts_vanish(string template, string text) => Render(template).ShouldBe(text);

    [Fact]
    public void A_value_is_never_read_as_a_template()
    {
        var values = Values();
        values["description"] = "{{version}} {{#why}}";
        Read("{{description}}").Template.Render(values).ShouldBe("{{version}} {{#why}}");
    }

    [Theory]
    [InlineData("{{/why}}", "notes.md:1:1", "no part 'why' was begun")]
    [InlineData("x\ny {{nope}}", "notes.md:2:3", "there is no 'nope'")]
    [InlineData("{{}}", "notes.md:1:1", "there is no ''")]
    [InlineData("{{#imag}}{{/imag}}", "notes.md:1:1", "did you mean 'image'?")]
    public void Mistakes_have_a_place(string template, string place, string words)
    {
        var (_, diagnostics) = Read(template);
        diagnostics[0].Span!.ToString().ShouldBe(place);
        diagnostics[0].Message.ShouldContain(words);
    }

    [Fact]
    public void Whatever_the_text_is_reading_ends()
    {
        var random = new Random(20261121);
        string[] parts = ["{{", "}}", "#", "^", "/", "why", "image", "!", " ", "\n", "x"];
        for (var i = 0; i < 2000; i++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(30)).Select(_ => parts[random.Next(parts.Length)]));
            var (template, diagnostics) = Read(text);
            if (diagnostics.IsEmpty)
                template.Render(Values());
        }
    }

    [Fact]
    public void The_document_has_every_name() => Documents.MatchPart(
        "docs/release-notes.md", "names",
        "| name | what stands there |\n| --- | --- |\n" + string.Concat(NotesTemplate.Names.Select(n => $"| `{n.Key}` | {n.Value} |\n")));

    /// <summary>A document that shows a template must show one that is understood.</summary>
    [Fact]
    public void The_template_of_the_document_is_one()
    {
        var text = Documents.Text("docs/release-notes.md");
        var begin = text.IndexOf("```markdown\n", StringComparison.Ordinal) + "```markdown\n".Length;
        Read(text[begin..text.IndexOf("```", begin, StringComparison.Ordinal)]).Diagnostics.ShouldBeEmpty();
    }

    private static string Render(string template)
    {
        var (read, diagnostics) = Read(template);
        diagnostics.ShouldBeEmpty();
        return read.Render(Values());
    }

    private static Dictionary<string, string> Values()
    {
        var values = NotesTemplate.Names.ToDictionary(n => n.Key, _ => "");
        (values["image"], values["version"], values["why"]) = ("kiosk", "1", "because");
        return values;
    }

    private static (NotesTemplate Template, ImmutableArray<Diagnostic> Diagnostics) Read(string template)
    {
        var bag = new DiagnosticBag();
        return (new NotesTemplateReader("notes.md", bag).Read(template), bag.ToImmutable());
    }
}
