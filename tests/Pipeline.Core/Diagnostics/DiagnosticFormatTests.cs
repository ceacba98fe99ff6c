using System.Text.Json;
using Shouldly;
using Xunit;

namespace Pipeline.Core.Diagnostics;

public sealed class DiagnosticFormatTests
{
    private static readonly Rule Rule = new("PL1004", Severity.Error, "unknown key '{0}'");
    private static readonly Rule Mild = new("PL1016", Severity.Warning, "'{0}' is passed over");

    [Fact]
    public void Forms_with_a_place()
    {
        var diagnostic = Diagnostic.Create(Rule, new SourceSpan("images/a,b:c/100%.yaml", 14, 3), "50%\r\nof it");

        DiagnosticFormat.Human(diagnostic).ShouldBe(@"images/a,b:c/100%.yaml:14:3: error PL1004: unknown key '50%\u000D\u000Aof it'");
        DiagnosticFormat.GitHub(diagnostic).ShouldBe("::error file=images/a%2Cb%3Ac/100%25.yaml,line=14,col=3,title=PL1004::unknown key '50%25%0D%0Aof it'");
        var json = JsonDocument.Parse(DiagnosticFormat.Json(diagnostic)).RootElement;
        json.GetProperty("severity").GetString().ShouldBe("error");
        json.GetProperty("file").GetString().ShouldBe("images/a,b:c/100%.yaml");
        json.GetProperty("line").GetInt32().ShouldBe(14);
        json.GetProperty("column").GetInt32().ShouldBe(3);
        json.GetProperty("message").GetString().ShouldBe("unknown key '50%\r\nof it'");
    }

    [Fact]
    public void Forms_without_a_place()
    {
        var diagnostic = Diagnostic.Create(Mild, null, "x");

        DiagnosticFormat.Human(diagnostic).ShouldBe("warning PL1016: 'x' is passed over");
        DiagnosticFormat.GitHub(diagnostic).ShouldBe("::warning title=PL1016::'x' is passed over");
        DiagnosticFormat.Json(diagnostic).ShouldBe("""{"type":"diagnostic","severity":"warning","code":"PL1016","file":null,"line":null,"column":null,"message":"'x' is passed over"}""");
    }

    [Fact]
    public void A_message_cannot_begin_a_line_of_its_own()
    {
        var diagnostic = Diagnostic.Create(Rule, null, "\n::set-env name=X::y\u001b[2J");

        DiagnosticFormat.Human(diagnostic).ShouldNotContain("\n");
        DiagnosticFormat.GitHub(diagnostic).ShouldNotContain("\n");
        DiagnosticFormat.Json(diagnostic).ShouldNotContain("\n");
    }
}
