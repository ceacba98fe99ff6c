using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline;

/// <summary>What can be checked of prose: its links lead somewhere, and each document can be found from the first.</summary>
public sealed class DocumentsTests
{
    public static TheoryData<string> Names => [.. Documents.All];

    [Theory]
    [MemberData(nameof(Names))]
    public void Links_lead_somewhere(string document)
    {
        foreach (var target in Documents.LocalLinks(Documents.Text(document)))
        {
            var path = Path.Combine(Documents.RootPath, Path.GetDirectoryName(document)!, target);
            Path.Exists(path).ShouldBeTrue($"{document} links to {target}");
        }
    }

    [Fact]
    public void Every_document_for_users_is_named_in_the_readme()
    {
        var readme = Documents.Text("README.md");

        Documents.All.Where(d => d.StartsWith("docs/", StringComparison.Ordinal)).Where(d => !readme.Contains(d, StringComparison.Ordinal)).ShouldBeEmpty();
    }

    /// <summary>Nothing of the machine that a document was written on.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Documents_hold_no_places_of_a_machine(string document) =>
        Documents.Text(document).ShouldNotMatch(@"(?<![\w.])/(tmp|root|work|home/(?!kiosk|NAME))(/|\b)");

    [Fact]
    public void A_link_is_seen_and_a_listing_is_not() =>
        Documents.LocalLinks("[a](b.md#c) [d](https://example.org) [e](#f)\n```\n[g](h)\n```\n").ShouldBe(["b.md"]);
}
