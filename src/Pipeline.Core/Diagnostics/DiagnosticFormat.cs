using System.Globalization;
using System.Text;
using System.Text.Json;
using Pipeline.Core.Json;

namespace Pipeline.Core.Diagnostics;

/// <summary>A diagnostic as one line: for people, for machines, for GitHub. User text cannot break out of its line.</summary>
public static class DiagnosticFormat
{
    /// <summary><c>file:line:col: error PLnnnn: message</c>, control characters made visible.</summary>
    public static string Human(Diagnostic diagnostic) => OneLine(diagnostic.ToString());

    /// <summary>A text of somebody else's, such as a name of a file in git, with its control characters made visible.</summary>
    public static string OneLine(string text)
    {
        var line = new StringBuilder();
        foreach (var c in text)
        {
            if (char.IsControl(c))
                line.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}");
            else
                line.Append(c);
        }
        return line.ToString();
    }

    /// <summary>
    /// An object with <c>type</c> (always <c>diagnostic</c>), <c>severity</c>, <c>code</c>, <c>file</c>, <c>line</c>, <c>column</c>
    /// and <c>message</c>; the three of the place are null together.
    /// </summary>
    public static string Json(Diagnostic diagnostic)
    {
        return JsonForm.LineText(json =>
        {
            json.WriteString("type", "diagnostic");
            json.WriteString("severity", Word(diagnostic));
            json.WriteString("code", diagnostic.Rule.Code);
            json.WriteString("file", diagnostic.Span?.File);
            WriteNumber(json, "line", diagnostic.Span?.Line);
            WriteNumber(json, "column", diagnostic.Span?.Column);
            json.WriteString("message", diagnostic.Message);
        });
    }

    /// <summary>An annotation of GitHub Actions: <c>::error file=…,line=…,col=…,title=PLnnnn::message</c>.</summary>
    public static string GitHub(Diagnostic diagnostic)
    {
        var place = diagnostic.Span is { } span ? $"file={Property(span.File)},line={span.Line},col={span.Column}," : "";
        return $"::{Word(diagnostic)} {place}title={Property(diagnostic.Rule.Code)}::{Data(diagnostic.Message)}";
    }

    private static string Word(Diagnostic diagnostic) => diagnostic.Rule.Severity == Severity.Error ? "error" : "warning";

    private static void WriteNumber(Utf8JsonWriter json, string name, int? value)
    {
        if (value is { } number)
            json.WriteNumber(name, number);
        else
            json.WriteNull(name);
    }

    private static string Data(string text) => text
        .Replace("%", "%25", StringComparison.Ordinal)
        .Replace("\r", "%0D", StringComparison.Ordinal)
        .Replace("\n", "%0A", StringComparison.Ordinal);

    private static string Property(string text) => Data(text)
        .Replace(":", "%3A", StringComparison.Ordinal)
        .Replace(",", "%2C", StringComparison.Ordinal);
}
