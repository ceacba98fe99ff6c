using System.Text.Json;
using Pipeline.Core.Json;
using Pipeline.Core.Units;
using Pipeline.Engine.Inventories;
using Pipeline.Engine.Inventories.Changes;

namespace Pipeline.Engine.Publishing.Sboms;

/// <summary>CycloneDX 1.6 in JSON. The image is the component that the document is about; the packages, the container and the files are others.</summary>
internal static class CycloneDxDocument
{
    private const string Image = "image";
    private const string Container = "container";
    public static byte[] Write(SbomInput input)
    {
        return JsonForm.Document(json =>
        {
            json.WriteString("$schema", "http://cyclonedx.org/schema/bom-1.6.schema.json");
            json.WriteString("bomFormat", "CycloneDX");
            json.WriteString("specVersion", "1.6");
            json.WriteString("serialNumber", $"urn:uuid:{input.Id("cyclonedx")}");
            json.WriteNumber("version", 1);
            WriteMetadata(json, input);
            json.WriteStartArray("components");
            WriteContainer(json, input.Source);
            foreach (var file in input.Files)
                WriteComponent(json, "file", "file-" + file.Name, file.Name, null, () => WriteHash(json, file.Sha256));
            foreach (var package in input.Packages)
                WritePackage(json, package, input.Source.System);
            json.WriteEndArray();
            WriteDependencies(json, input);
        });
    }

    private static void WriteMetadata(Utf8JsonWriter json, SbomInput input)
    {
        json.WriteStartObject("metadata");
        json.WriteString("timestamp", input.Created);
        json.WriteStartObject("tools");
        json.WriteStartArray("components");
        WriteComponent(json, "application", "tool", SbomInput.Tool, SbomInput.ToolVersion, () => { });
        json.WriteEndArray();
        json.WriteEndObject();
        json.WritePropertyName("component");
        WriteComponent(json, "operating-system", Image, input.Image, input.Version, () =>
        {
            if (input.Source.System is { } system)
                json.WriteString("description", system.Name);
            WriteProperties(json, ("pipeline:platform", input.Source.Platform));
        });
        json.WriteEndObject();
    }

    private static void WriteContainer(Utf8JsonWriter json, SourceInventory source) =>
        WriteComponent(json, "container", Container, source.Reference, source.Manifest.Text, () =>
        {
            WriteHash(json, source.Manifest);
            if (PackageUrl.OfContainer(source) is { } url)
                json.WriteString("purl", url);
        });

    private static void WritePackage(Utf8JsonWriter json, Package package, SystemIdentity? system)
    {
        var type = Highlights.GroupOf(package.Name, []) == Highlights.Firmware ? "firmware" : "library";
        WriteComponent(json, type, SbomInput.Reference(package), package.Name, package.FullVersion, () =>
        {
            if (package.License.Length > 0)
                WriteLicence(json, package.License);
            json.WriteString("purl", PackageUrl.Of(package, system));
            if (SpdxDocument.IsWebAddress(package.Url))
                WriteWebsite(json, package.Url);
            if (package.Source.Length > 0)
                WriteProperties(json, ("pipeline:source", package.Source));
        });
    }

    private static void WriteComponent(Utf8JsonWriter json, string type, string reference, string name, string? version, Action more)
    {
        json.WriteStartObject();
        json.WriteString("type", type);
        json.WriteString("bom-ref", reference);
        json.WriteString("name", name);
        if (version is not null)
            json.WriteString("version", version);
        more();
        json.WriteEndObject();
    }

    private static void WriteHash(Utf8JsonWriter json, Digest digest)
    {
        json.WriteStartArray("hashes");
        json.WriteStartObject();
        json.WriteString("alg", digest.Algorithm == "sha512" ? "SHA-512" : "SHA-256");
        json.WriteString("content", digest.Hex);
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static void WriteLicence(Utf8JsonWriter json, string words)
    {
        json.WriteStartArray("licenses");
        json.WriteStartObject();
        if (LicenseExpression.IsKnown(words))
        {
            json.WriteString("expression", words);
        }
        else
        {
            json.WriteStartObject("license");
            json.WriteString("name", words);
            json.WriteEndObject();
        }
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static void WriteWebsite(Utf8JsonWriter json, string url)
    {
        json.WriteStartArray("externalReferences");
        json.WriteStartObject();
        json.WriteString("type", "website");
        json.WriteString("url", url);
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static void WriteProperties(Utf8JsonWriter json, (string Name, string Value) property)
    {
        json.WriteStartArray("properties");
        json.WriteStartObject();
        json.WriteString("name", property.Name);
        json.WriteString("value", property.Value);
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static void WriteDependencies(Utf8JsonWriter json, SbomInput input)
    {
        json.WriteStartArray("dependencies");
        json.WriteStartObject();
        json.WriteString("ref", Image);
        json.WriteStartArray("dependsOn");
        json.WriteStringValue(Container);
        foreach (var package in input.Packages)
            json.WriteStringValue(SbomInput.Reference(package));
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();
    }
}
