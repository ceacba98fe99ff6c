using System.Text.Json.Nodes;
using Pipeline.Engine.Manifests.Yaml;

namespace Pipeline.Engine.Manifests.LinuxKit;

/// <summary>The merged configuration as files of the system carry it: images by their whole names, no <c>trust</c>.</summary>
internal static class LinuxKitMetadata
{
    private static readonly string[] Lists = ["onboot", "onshutdown", "services", "volumes"];

    public static JsonObject Of(YamlMap tree)
    {
        var json = (JsonObject)LinuxKitText.Tree(tree, s => s.Kind == ScalarKind.Text)!;
        json.Remove("trust");
        Expand(json["kernel"] as JsonObject);
        foreach (var item in Lists.SelectMany(l => json[l] as JsonArray ?? []).OfType<JsonObject>())
            Expand(item);
        if (json["init"] is JsonArray init)
            json["init"] = new JsonArray([.. init.Select(i => JsonValue.Create(LinuxKitImages.Expand(i!.ToString())))]);
        return json;
    }

    private static void Expand(JsonObject? item)
    {
        if (item?["image"] is { } image)
            item["image"] = LinuxKitImages.Expand(image.ToString());
    }
}
