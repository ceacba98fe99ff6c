using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Pipeline.Core.Json;

/// <summary>
/// How JSON of this product looks, so that one value has one text on every machine: line feeds, indentation of two, and
/// letters as they are. Nothing here is pasted into web pages, which is what the default's escapes are for.
/// </summary>
public static class JsonForm
{
    private static readonly JsonWriterOptions OneLine = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonWriterOptions ManyLines = OneLine with { Indented = true, NewLine = "\n" };

    /// <summary>One object on one line, without an end of line.</summary>
    public static byte[] Line(Action<Utf8JsonWriter> members) => Write(OneLine, members, []);

    /// <inheritdoc cref="Line"/>
    public static string LineText(Action<Utf8JsonWriter> members) => Encoding.UTF8.GetString(Line(members));

    /// <summary>One object as a file: indented, with a line feed at its end.</summary>
    public static byte[] Document(Action<Utf8JsonWriter> members) => Write(ManyLines, members, "\n"u8);

    /// <summary>For values of one line; names and readers as <paramref name="like"/> has them.</summary>
    public static JsonSerializerOptions LineLike(JsonSerializerOptions like) => new(like) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A file that is written, kept and read again: indented, names in camel case; what is missing or null against its type is refused.</summary>
    public static JsonSerializerOptions KeptDocument(int maxDepth) => new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        MaxDepth = maxDepth,
    };

    private static byte[] Write(JsonWriterOptions options, Action<Utf8JsonWriter> members, ReadOnlySpan<byte> end)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, options))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }
        bytes.Write(end);
        return bytes.ToArray();
    }
}
