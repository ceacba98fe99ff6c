using System.Reflection;
using Pipeline.Core.Diagnostics;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline;

/// <summary>Every rule of the product in one list: a code that is renamed, reused or reworded shows here.</summary>
public sealed class RuleCatalogueTests
{
    private static readonly Rule[] Rules =
    [
        .. new[] { "Pipeline.Core", "Pipeline.Disk", "Pipeline.Oci", "Pipeline.Engine", "Pipeline.Web", "pipeline" }
            .SelectMany(a => Assembly.Load(a).GetTypes())
            .SelectMany(t => t.GetFields(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static))
            .Where(f => f.FieldType == typeof(Rule))
            .Select(f => (Rule)f.GetValue(null)!)
            .OrderBy(r => r.Code, StringComparer.Ordinal),
    ];

    [Fact]
    public void Codes_are_unique() => Rules.GroupBy(r => r.Code).Where(g => g.Count() > 1).Select(g => g.Key).ShouldBeEmpty();

    [Fact]
    public void Codes_and_messages_have_their_form()
    {
        foreach (var rule in Rules)
        {
            rule.Code.ShouldMatch("^PL[1-79][0-9]{3}$");
            rule.Format.ShouldNotEndWith(".", rule.Code);
            rule.Format.ShouldNotContain("\n", customMessage: rule.Code);
        }
    }

    [Fact]
    public void The_catalogue() =>
        Golden.Match("rules.txt", string.Concat(Rules.Select(r => $"{r.Code} {r.Severity.ToString().ToLowerInvariant()}: {r.Format}\n")));
}
