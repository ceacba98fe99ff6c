using System.Globalization;
using System.Text.Json;
using Pipeline.Core.Json;

namespace Pipeline.Engine.Listing;

/// <summary>
/// <c>images.json</c>: every file of every image for every board, for programs. Its keys are in docs/lists.md. Pure; dates come
/// from versions.
/// </summary>
public static class ImagesJson
{
    public const string FileName = "images.json";

    /// <summary>Raised when an old reader would misunderstand; additions do not raise it.</summary>
    public const int Format = 1;

    public static byte[] Write(Catalogue catalogue) => JsonForm.Document(json =>
    {
        json.WriteNumber("format", Format);
        json.WriteObjects("images", catalogue.Releases, r => WriteRelease(json, r));
    });

    /// <summary><c>2026-11-21</c></summary>
    internal static string DateOf(OfferedRelease release) => release.Version.Day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static void WriteRelease(Utf8JsonWriter json, OfferedRelease release)
    {
        json.WriteString("image", release.Image);
        json.WriteString("description", release.Description);
        json.WriteString("version", release.Version.ToString());
        json.WriteString("releaseDate", DateOf(release));
        json.WriteString("page", release.Page?.AbsoluteUri);
        json.WriteTexts("versions", release.Versions.Select(v => v.ToString()));
        json.WriteStartObject("documents");
        foreach (var (name, address) in release.Documents)
            json.WriteString(name, address.AbsoluteUri);
        json.WriteEndObject();
        json.WriteObjects("targets", release.Targets, t => WriteTarget(json, t));
    }

    private static void WriteTarget(Utf8JsonWriter json, OfferedTarget target)
    {
        json.WriteString("board", target.Board);
        json.WriteString("output", target.Output);
        json.WriteString("platform", target.Platform);
        json.WriteString("builtIn", target.BuiltIn);
        json.WriteObjects("files", target.Files.Index(), f => WriteFile(json, f.Item, isImage: target.IsMedium && f.Index == 0));
    }

    private static void WriteFile(Utf8JsonWriter json, OfferedFile offered, bool isImage)
    {
        json.WriteString("name", offered.File.Name);
        json.WriteString("url", offered.Address?.AbsoluteUri);
        json.WriteNumber("sizeBytes", offered.File.Size.Bytes);
        json.WriteString("sha256", offered.File.Sha256.Hex);
        if ((isImage ? offered.Unpacked : offered.File.Unpacked) is { } unpacked)
        {
            json.WriteStartObject("unpacked");
            json.WriteNumber("sizeBytes", unpacked.Size.Bytes);
            json.WriteString("sha256", unpacked.Sha256.Hex);
            json.WriteEndObject();
        }
        if (offered.Forms.IsEmpty)
            return;
        json.WriteObjects("forms", offered.Forms, form =>
        {
            json.WriteString("name", form.Name);
            json.WriteString("url", form.Address?.AbsoluteUri);
            json.WriteNumber("sizeBytes", form.SizeBytes);
        });
    }
}
