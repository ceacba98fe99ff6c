using System.Collections.Immutable;
using System.Text.Json;
using Pipeline.Core.Json;
using Pipeline.Core.Units;
using Pipeline.Engine.Inventories;

namespace Pipeline.Engine.Publishing.Sboms;

/// <summary>SPDX 2.3 in JSON. The image is described; it holds the packages, and comes from the container.</summary>
internal static class SpdxDocument
{
    private const string NoAssertion = "NOASSERTION";
    private const string Image = "SPDXRef-Image";
    private const string Container = "SPDXRef-Container";
    public static byte[] Write(SbomInput input)
    {
        return JsonForm.Document(json =>
        {
            WriteHead(json, input);
            var licences = Licences(input);
            json.WriteStartArray("packages");
            WriteImage(json, input);
            WriteContainer(json, input.Source);
            foreach (var (i, file) in input.Files.Index())
                WriteEntry(json, $"SPDXRef-File-{i + 1}", file.Name, null, "FILE", () => WriteChecksum(json, file.Sha256));
            foreach (var package in input.Packages)
                WritePackage(json, package, input, licences);
            json.WriteEndArray();
            WriteLicences(json, licences);
            WriteRelationships(json, input);
        });
    }

    private static void WriteHead(Utf8JsonWriter json, SbomInput input)
    {
        json.WriteString("spdxVersion", "SPDX-2.3");
        json.WriteString("dataLicense", "CC0-1.0");
        json.WriteString("SPDXID", "SPDXRef-DOCUMENT");
        json.WriteString("name", $"{input.Image} {input.Version} {input.Source.Platform}");
        json.WriteString("documentNamespace", $"urn:uuid:{input.Id("spdx")}");
        json.WriteStartObject("creationInfo");
        json.WriteString("created", input.Created);
        json.WriteStartArray("creators");
        json.WriteStringValue($"Tool: {SbomInput.Tool}-{SbomInput.ToolVersion}");
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteImage(Utf8JsonWriter json, SbomInput input) =>
        WriteEntry(json, Image, input.Image, input.Version, "OPERATING_SYSTEM", () =>
        {
            if (input.Source.System is { } system)
                json.WriteString("summary", system.Name);
        });

    private static void WriteContainer(Utf8JsonWriter json, SourceInventory source) =>
        WriteEntry(json, Container, source.Reference, source.Manifest.Text, "CONTAINER", () =>
        {
            WriteChecksum(json, source.Manifest);
            if (PackageUrl.OfContainer(source) is { } url)
                WriteUrl(json, url);
        });

    private static void WritePackage(Utf8JsonWriter json, Package package, SbomInput input, ImmutableSortedDictionary<string, string> licences)
    {
        WriteEntry(json, Id(package), package.Name, package.FullVersion, null, () =>
        {
            json.WriteString("supplier", NoAssertion);
            json.WriteString("licenseConcluded", NoAssertion);
            json.WriteString("licenseDeclared", package.License.Length == 0 ? NoAssertion : licences.GetValueOrDefault(package.License, package.License));
            if (IsWebAddress(package.Url))
                json.WriteString("homepage", package.Url);
            if (package.Source.Length > 0)
                json.WriteString("sourceInfo", $"built from {package.Source}");
            WriteUrl(json, PackageUrl.Of(package, input.Source.System));
        });
    }

    private static void WriteEntry(Utf8JsonWriter json, string id, string name, string? version, string? purpose, Action more)
    {
        json.WriteStartObject();
        json.WriteString("SPDXID", id);
        json.WriteString("name", name);
        if (version is not null)
            json.WriteString("versionInfo", version);
        json.WriteString("downloadLocation", NoAssertion);
        json.WriteBoolean("filesAnalyzed", false);
        if (purpose is not null)
            json.WriteString("primaryPackagePurpose", purpose);
        more();
        json.WriteEndObject();
    }

    private static void WriteChecksum(Utf8JsonWriter json, Digest digest)
    {
        json.WriteStartArray("checksums");
        json.WriteStartObject();
        json.WriteString("algorithm", digest.Algorithm.ToUpperInvariant());
        json.WriteString("checksumValue", digest.Hex);
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static void WriteUrl(Utf8JsonWriter json, string url)
    {
        json.WriteStartArray("externalRefs");
        json.WriteStartObject();
        json.WriteString("referenceCategory", "PACKAGE-MANAGER");
        json.WriteString("referenceType", "purl");
        json.WriteString("referenceLocator", url);
        json.WriteEndObject();
        json.WriteEndArray();
    }

    /// <summary>Words that are no SPDX expression, and what stands for each.</summary>
    private static ImmutableSortedDictionary<string, string> Licences(SbomInput input) =>
        input.Packages.Select(p => p.License).Where(l => l.Length > 0 && !LicenseExpression.IsKnown(l)).Distinct(StringComparer.Ordinal)
            .ToImmutableSortedDictionary(l => l, l => "LicenseRef-" + Digest.Sha256(System.Text.Encoding.UTF8.GetBytes(l)).Short, StringComparer.Ordinal);

    private static void WriteLicences(Utf8JsonWriter json, ImmutableSortedDictionary<string, string> licences)
    {
        if (licences.IsEmpty)
            return;
        json.WriteStartArray("hasExtractedLicensingInfos");
        foreach (var (words, id) in licences)
        {
            json.WriteStartObject();
            json.WriteString("licenseId", id);
            json.WriteString("name", words);
            json.WriteString("extractedText", words);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteRelationships(Utf8JsonWriter json, SbomInput input)
    {
        json.WriteStartArray("relationships");
        Relate("SPDXRef-DOCUMENT", "DESCRIBES", Image);
        Relate(Image, "GENERATED_FROM", Container);
        for (var i = 0; i < input.Files.Length; i++)
            Relate(Container, "GENERATES", $"SPDXRef-File-{i + 1}");
        foreach (var package in input.Packages)
            Relate(Image, "CONTAINS", Id(package));
        json.WriteEndArray();

        void Relate(string from, string how, string to)
        {
            json.WriteStartObject();
            json.WriteString("spdxElementId", from);
            json.WriteString("relationshipType", how);
            json.WriteString("relatedSpdxElement", to);
            json.WriteEndObject();
        }
    }

    private static string Id(Package package) => "SPDXRef-" + SbomInput.Reference(package);

    internal static bool IsWebAddress(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && Uri.IsWellFormedUriString(text, UriKind.Absolute);
}
