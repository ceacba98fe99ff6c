using System.CommandLine;
using System.Text.RegularExpressions;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Cli;

/// <summary>The documents name every verb and every option.</summary>
public sealed class CommandReferenceTests
{
    private static readonly string[] Known = ["--help", "--version"];

    public static TheoryData<string> Verbs => [.. Walk(CommandTree.Create(), "").Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(Verbs))]
    public void Verb_has_its_section_with_its_options(string name)
    {
        var verb = Walk(CommandTree.Create(), "").Single(c => c.Name == name).Command;
        var reference = Documents.Text("docs/command-line.md");

        reference.ShouldContain($"\n## {name}\n");
        verb.Options.Select(o => o.Name).Except(Known).Where(o => !Regex.IsMatch(reference, $"`{o}[` ]")).ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Verbs))]
    public void Verb_is_in_the_readme(string name) => Documents.Text("README.md").ShouldContain($"`{name}`");

    private static IEnumerable<(string Name, Command Command)> Walk(Command command, string prefix) =>
        command.Subcommands.Where(c => !c.Hidden).SelectMany(c => Walk(c, prefix + c.Name + " ").Prepend((prefix + c.Name, c)));
}
