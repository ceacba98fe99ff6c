using System.Text.Json;
using Pipeline.Core.Json;

namespace Pipeline.Cli.Reporting;

/// <summary>One JSON object on one line. Its first member is always <c>type</c>.</summary>
internal static class JsonLine
{
    public static string Of(string type, Action<Utf8JsonWriter> members) => JsonForm.LineText(json =>
    {
        json.WriteString("type", type);
        members(json);
    });
}
