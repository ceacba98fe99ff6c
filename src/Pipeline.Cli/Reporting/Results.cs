using System.Text.Json;

namespace Pipeline.Cli.Reporting;

/// <summary>Standard output: what the user asked for, as text or as JSON lines. Thread-safe.</summary>
internal sealed class Results(TextWriter writer, ITeller teller, Paint paint, bool isJson)
{
    private readonly Lock _writing = new();

    public Paint Paint => paint;

    public bool IsJson => isJson;

    /// <summary>Prints the lines, or the object where JSON is wanted.</summary>
    public void Write(string text, string type, Action<Utf8JsonWriter> members)
    {
        if (isJson)
            WriteJson(type, members);
        else
            WriteText(text);
    }

    /// <summary>Nothing where JSON is wanted. A line end is added where there is none.</summary>
    public void WriteText(string text)
    {
        if (isJson || text.Length == 0)
            return;
        teller.Settle();
        lock (_writing)
            writer.Write(text.EndsWith('\n') ? text : text + "\n");
    }

    /// <summary>Prints a line whatever is wanted, for output that is JSON of its own.</summary>
    public void WriteLine(string line)
    {
        teller.Settle();
        lock (_writing)
            writer.Write(line + "\n");
    }

    /// <summary>Nothing where text is wanted.</summary>
    public void WriteJson(string type, Action<Utf8JsonWriter> members)
    {
        if (!isJson)
            return;
        lock (_writing)
            writer.Write(JsonLine.Of(type, members) + "\n");
    }
}
