using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Pipeline.Kit;

/// <summary>
/// What Raspberry Pi Imager asks of a list (its JSON schema and its reader, version 2), in our words: which keys must be there, of
/// which type, and what makes it leave an entry out without a word.
/// </summary>
public static partial class ImagerJudge
{
    private static readonly string[] ImagerKeys =
        ["latest_version", "url", "default_os", "embedded_default_os", "embedded_default_destination", "refresh_interval_minutes", "refresh_jitter_minutes", "devices"];

    private static readonly string[] InitFormats = ["", "systemd", "cloudinit", "cloudinit-rpi", "rpi-preseed", "none"];

    public static List<string> Complaints(byte[] list)
    {
        var said = new List<string>();
        using var document = JsonDocument.Parse(list);
        var root = document.RootElement;
        foreach (var key in root.EnumerateObject().Select(p => p.Name).Where(n => n is not ("imager" or "os_list")))
            said.Add($"unknown key {key}");
        var tags = root.TryGetProperty("imager", out var imager) ? Devices(imager, said) : null;
        if (!root.TryGetProperty("os_list", out var entries) || entries.ValueKind != JsonValueKind.Array)
            return [.. said, "no os_list"];
        foreach (var entry in entries.EnumerateArray())
            Entry(entry, tags, said);
        foreach (var twice in entries.EnumerateArray().GroupBy(e => Text(e, "name")).Where(g => g.Count() > 1))
            said.Add($"two entries are called {twice.Key}");
        return said;
    }

    private static HashSet<string> Devices(JsonElement imager, List<string> said)
    {
        foreach (var key in imager.EnumerateObject().Select(p => p.Name).Where(n => !ImagerKeys.Contains(n)))
            said.Add($"unknown key imager.{key}");
        var tags = new HashSet<string>();
        foreach (var device in imager.GetProperty("devices").EnumerateArray())
        {
            Need(device, said, "name", "description");
            tags.UnionWith(Tags(device, "tags", said));
            if (device.TryGetProperty("matching_type", out var matching) && matching.GetString() is not ("exclusive" or "inclusive"))
                said.Add("an odd matching_type");
            Architecture(device, said);
        }
        return tags;
    }

    private static void Entry(JsonElement entry, HashSet<string>? tags, List<string> said)
    {
        Need(entry, said, "name", "description", "icon", "url", "extract_sha256", "release_date");
        foreach (var key in new[] { "extract_size", "image_download_size" })
        {
            if (!entry.TryGetProperty(key, out var size) || size.ValueKind != JsonValueKind.Number || !size.TryGetInt64(out var bytes) || bytes <= 0)
                said.Add($"{key} is no size");
        }
        if (!Sha256().IsMatch(Text(entry, "extract_sha256")))
            said.Add("extract_sha256 is none");
        if (!DateOnly.TryParseExact(Text(entry, "release_date"), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _))
            said.Add("release_date is no date");
        if (!Uri.TryCreate(Text(entry, "url"), UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https" or "file"))
            said.Add("url is no address");
        if (entry.TryGetProperty("init_format", out var format) && !InitFormats.Contains(format.GetString()))
            said.Add("an entry of an unknown init_format is left out");
        if (Tags(entry, "devices", said).All(t => tags?.Contains(t) == false))
            said.Add("no device shows the entry");
        Architecture(entry, said);
    }

    private static void Need(JsonElement element, List<string> said, params string[] keys) =>
        said.AddRange(keys.Where(k => !element.TryGetProperty(k, out var value) || value.ValueKind != JsonValueKind.String).Select(k => $"{k} is no text"));

    private static List<string> Tags(JsonElement element, string key, List<string> said)
    {
        List<string> tags = element.TryGetProperty(key, out var list) && list.ValueKind == JsonValueKind.Array ? [.. list.EnumerateArray().Select(t => t.GetString()!)] : [];
        if (tags.Count == 0)
            said.Add($"{key} is empty");
        return tags;
    }

    private static void Architecture(JsonElement element, List<string> said)
    {
        if (element.TryGetProperty("architecture", out var architecture) && architecture.GetString() is not ("armel" or "armhf" or "armv8"))
            said.Add("an odd architecture");
    }

    private static string Text(JsonElement element, string key) => element.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    [GeneratedRegex(@"\A[0-9a-f]{64}\z")]
    private static partial Regex Sha256();
}
