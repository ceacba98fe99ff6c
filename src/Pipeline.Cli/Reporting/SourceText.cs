using System.Globalization;
using System.Text;
using System.Text.Json;
using Pipeline.Core.Units;
using Pipeline.Oci.Sources;

namespace Pipeline.Cli.Reporting;

/// <summary>What a source offers, as text and as JSON.</summary>
internal static class SourceText
{
    public static string Render(ImageDescription description, Paint paint)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{paint.Strong(Plain.Line(description.Name))}\n{description.Digest.Text}\n");
        foreach (var image in description.Images)
        {
            var size = new ByteSize(image.Layers.Sum(l => l.SizeBytes));
            text.Append(CultureInfo.InvariantCulture, $"\n{paint.Strong(image.Platform?.ToString() ?? "no platform said")}  {Text.Count(image.Layers.Length, "layer")}, {size}{Created(image)}\n");
            text.Append(CultureInfo.InvariantCulture, $"  manifest  {image.ManifestDigest.Text}\n");
            foreach (var layer in image.Layers)
                text.Append(CultureInfo.InvariantCulture, $"  layer     {layer.Digest.Text}  {new ByteSize(layer.SizeBytes)}\n");
            foreach (var (name, value) in image.Labels)
                text.Append(CultureInfo.InvariantCulture, $"  label     {Plain.Line(name)}={Plain.Line(value)}\n");
        }
        return text.ToString();
    }

    public static void Write(Utf8JsonWriter json, ImageDescription description)
    {
        json.WriteString("name", description.Name);
        json.WriteString("digest", description.Digest.Text);
        json.WriteStartArray("images");
        foreach (var image in description.Images)
            Write(json, image);
        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, OfferedImage image)
    {
        json.WriteStartObject();
        json.WriteString("platform", image.Platform?.ToString());
        json.WriteString("manifest", image.ManifestDigest.Text);
        json.WriteString("config", image.ConfigDigest.Text);
        json.WriteString("created", Time(image));
        json.WriteStartArray("layers");
        foreach (var layer in image.Layers)
        {
            json.WriteStartObject();
            json.WriteString("digest", layer.Digest.Text);
            json.WriteNumber("bytes", layer.SizeBytes);
            json.WriteString("mediaType", layer.MediaType);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartObject("labels");
        foreach (var (name, value) in image.Labels)
            json.WriteString(name, value);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static string Created(OfferedImage image) => Time(image) is { } time ? $", created {time}" : "";

    private static string? Time(OfferedImage image) => image.Created?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
