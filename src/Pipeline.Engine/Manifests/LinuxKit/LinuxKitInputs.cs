using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Pipeline.Core.Units;

namespace Pipeline.Engine.Manifests.LinuxKit;

/// <summary>
/// What of a document decides bytes, by the names of its parts. Images are left out: their digests decide, which are
/// known once they were looked at, and not how they were called; unless a file of the system says how.
/// </summary>
internal static class LinuxKitInputs
{
    private static readonly string[] Containers = ["onboot", "onshutdown", "services"];

    public static void Add(InputList inputs, LinuxKitDocument document)
    {
        var json = (JsonObject)JsonNode.Parse(document.Json)!;
        if (json["kernel"] is JsonObject kernel)
            inputs.Add("linuxkit.kernel.config", Digest(WithoutImage(kernel)));
        foreach (var section in Containers)
        {
            foreach (var (index, item) in (json[section] as JsonArray ?? []).OfType<JsonObject>().Index())
                inputs.Add($"linuxkit.{section}[{Name(section, index, item)}].config", Digest(WithoutImage(item)));
        }
        foreach (var volume in (json["volumes"] as JsonArray ?? []).OfType<JsonObject>())
            inputs.Add($"linuxkit.volumes[{volume["name"]}].config", Digest(WithoutImage(volume)));
        foreach (var (index, file) in document.Files.Index())
            AddFile(inputs, document, index, file);
        // A name that comes again has the next number: the order decides.
        inputs.Add("linuxkit.ids", document.Ids.IsEmpty ? null : string.Join(' ', document.Ids.OrderBy(i => i.Value).Select(i => i.Key)));
    }

    private static void AddFile(InputList inputs, LinuxKitDocument document, int index, LinuxKitFile file)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"linuxkit.files[{index}][{file.Path}]");
        inputs.Add(name, $"{file.Kind} {Convert.ToString(file.Permissions, 8)} {file.Uid}:{file.Gid}");
        inputs.Add(name + ".content", file.Kind switch
        {
            LinuxKitFileKind.Text => Digest(file.Value),
            LinuxKitFileKind.Source => InputList.DigestOf(file.Value),
            LinuxKitFileKind.Link => file.Value,
            LinuxKitFileKind.MetadataJson or LinuxKitFileKind.MetadataYaml => Digest(document.Json),
            _ => null,
        });
    }

    private static string Name(string section, int index, JsonObject item) =>
        section == "services" ? item["name"]!.ToString() : string.Create(CultureInfo.InvariantCulture, $"{index:d3}-{item["name"]}");

    private static string WithoutImage(JsonObject item)
    {
        var copy = (JsonObject)item.DeepClone();
        copy.Remove("image");
        return copy.ToJsonString();
    }

    private static string Digest(string text) => Core.Units.Digest.Sha256(Encoding.UTF8.GetBytes(text)).Text;
}
