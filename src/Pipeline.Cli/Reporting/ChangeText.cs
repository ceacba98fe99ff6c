using System.Text.Json;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Comparing;

namespace Pipeline.Cli.Reporting;

/// <summary>Which images a range of commits touches: a table for people, and objects for machines.</summary>
internal static class ChangeText
{
    private const int ShownFiles = 10;

    /// <summary>A <c>change</c> object for each image, then a <c>since</c>.</summary>
    public static void Tell(ChangeSet changes, string since, string begin, Results results)
    {
        results.WriteText(results.IsJson ? "" : Render(changes, since, begin, results.Paint));
        foreach (var change in changes.Images)
            results.WriteJson("change", json => Write(json, change));
        results.WriteJson("since", json =>
        {
            json.WriteString("ref", since);
            json.WriteString("commit", begin);
            json.WriteNumber("images", changes.Images.Length);
            WriteList(json, "ineffective", changes.Ineffective.Select(f => f.ToString()));
        });
    }

    /// <summary>Only the images, without a range.</summary>
    public static void TellImages(ChangeSet changes, Results results)
    {
        results.WriteText(Table(changes, results.Paint));
        foreach (var change in changes.Images)
            results.WriteJson("change", json => Write(json, change));
    }

    private static string Render(ChangeSet changes, string since, string begin, Paint paint)
    {
        var touched = changes.Images.IsEmpty ? "no image is" : changes.Images.Length == 1 ? "1 image is" : $"{changes.Images.Length} images are";
        return $"{Table(changes, paint)}{touched} touched since {since} ({begin[..10]}){Rest(changes)}\n\n";
    }

    private static string Table(ChangeSet changes, Paint paint)
    {
        var rows = new List<string[]> { (string[])["IMAGE", "CHANGE", "BECAUSE"] };
        foreach (var change in changes.Images)
        {
            var lines = change.Because.Concat(change.Inputs).Select(DiagnosticFormat.OneLine).DefaultIfEmpty("").ToList();
            rows.Add([change.Image, KindOf(change), lines[0]]);
            rows.AddRange(lines.Skip(1).Select(l => (string[])["", "", l]));
        }
        return changes.Images.IsEmpty ? "" : Text.Table(rows, (row, column, cell) => row == 0 ? paint.Strong(cell) : column == 2 ? paint.Faint(cell) : cell);
    }

    private static string Rest(ChangeSet changes)
    {
        if (changes.Ineffective.IsEmpty)
            return "";
        var shown = string.Join(", ", changes.Ineffective.Take(ShownFiles).Select(f => DiagnosticFormat.OneLine(f.Path)));
        return $"; without effect on images: {shown}{(changes.Ineffective.Length > ShownFiles ? $" and {changes.Ineffective.Length - ShownFiles} more" : "")}";
    }

    private static string KindOf(ImageChange change) =>
        change.Kind.ToString().ToLowerInvariant() + (change.OldName is { } old ? $" from {old}" : "");

    private static void Write(Utf8JsonWriter json, ImageChange change)
    {
        json.WriteString("image", change.Image);
        json.WriteString("kind", change.Kind.ToString().ToLowerInvariant());
        json.WriteString("oldName", change.OldName);
        WriteList(json, "inputs", change.Inputs);
        WriteList(json, "because", change.Because);
    }

    private static void WriteList(Utf8JsonWriter json, string name, IEnumerable<string> items)
    {
        json.WriteStartArray(name);
        foreach (var item in items)
            json.WriteStringValue(item);
        json.WriteEndArray();
    }
}
