using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Pipeline.Core.Units;
using Pipeline.Engine.Inventories;
using Pipeline.Engine.Planning;
using Pipeline.Engine.Publishing.Packages;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Publishing.Sboms;

public sealed partial class SbomDocumentsTests
{
    private static readonly SbomInput Input = new(
        "kiosk", "20261121.0",
        new(
            ["kiosk/pc/disk"], new("kiosk-amd64.packages.json", new(9), Digest.Sha256("list"u8)),
            SampleInventories.Rpm("linux/amd64", "bash 5.2-1") with
            {
                Packages = PackageInventory.Of(
                    [
                        new(PackageManager.Rpm, "perl-Foo+Bar", "noarch", 4, "1.0~rc1^git", "2.fc40") { License = "GPL-1.0-or-later OR Artistic-1.0-Perl", Source = "perl-Foo", Url = "https://example.invalid/a b" },
                        new(PackageManager.Rpm, "linux-firmware", "noarch", 0, "2024", "1.fc40") { License = "GPL+ and Redistributable, no modification permitted", Url = "https://example.invalid/fw" },
                        new(PackageManager.Rpm, "twice", "x86_64", 0, "1", "1"),
                        new(PackageManager.Rpm, "twice", "x86_64", 0, "1", "1"),
                        new(PackageManager.Rpm, "kernel-core", "x86_64", 0, "6.8.1", "1.fc40"),
                        new(PackageManager.Rpm, "kernel-core", "x86_64", 0, "6.8.4", "1.fc40"),
                    ],
                    ["/usr/lib/sysimage/rpm/rpmdb.sqlite"]),
            },
            null, Past.None),
        [new("kiosk-pc.img", new(100), Digest.Sha256("image"u8))]);

    /// <summary>No package has SPDX's own JSON schema (v2.3 of its specification). The golden was held against it by hand, and stands for that.</summary>
    [Fact]
    public void The_documents_have_this_form()
    {
        Golden.Match("kiosk.spdx.json", Encoding.UTF8.GetString(SpdxDocument.Write(Input)));
        Golden.Match("kiosk.cdx.json", Encoding.UTF8.GetString(CycloneDxDocument.Write(Input)));
    }

    [Fact]
    public void CycloneDX_says_that_its_document_is_valid()
    {
        var result = Cyclone.Validate(CycloneDxDocument.Write(Input));
        result.Stdout.ShouldBe("VALID\n", result.Output);
    }

    [Theory]
    [InlineData("serialNumber", "\"urn:uuid:KIOSK\"")]
    [InlineData("version", "0")]
    [InlineData("components", "[{\"type\":\"thing\",\"name\":\"x\"}]")]
    [InlineData("components", "[{\"type\":\"library\",\"name\":\"x\",\"licenses\":[{\"license\":{\"id\":\"No-Such-Licence\"}}]}]")]
    public void CycloneDX_says_no_to_a_broken_document(string key, string value)
    {
        var document = JsonNode.Parse(CycloneDxDocument.Write(Input))!.AsObject();
        document[key] = JsonNode.Parse(value);
        var result = Cyclone.Validate(Encoding.UTF8.GetBytes(document.ToJsonString()));
        result.ExitCode.ShouldBe(1);
        result.Stdout.ShouldContain($"/{key}", customMessage: result.Stderr);
    }

    [Fact]
    public void The_SPDX_document_keeps_the_rules_of_its_specification() => SpdxProblems(SpdxDocument.Write(Input)).ShouldBeEmpty();

    [Theory]
    [InlineData("\"SPDXRef-Container\",\n      \"name\"", "\"SPDXRef_Container\",\n      \"name\"", "SPDXRef_Container")]
    [InlineData("\"relatedSpdxElement\": \"SPDXRef-Container\"", "\"relatedSpdxElement\": \"SPDXRef-Nobody\"", "SPDXRef-Nobody")]
    [InlineData("\"downloadLocation\"", "\"download\"", "downloadLocation")]
    [InlineData("\"relationshipType\": \"CONTAINS\"", "\"relationshipType\": \"HOLDS\"", "HOLDS")]
    [InlineData("GPL-1.0-or-later OR", "GPL-1.0-or-later ODER", "ODER")]
    [InlineData("-11-14T22:13:20Z", "-11-14 22:13:20", "created")]
    public void The_rules_can_say_no(string old, string now, string complaint)
    {
        var text = Encoding.UTF8.GetString(SpdxDocument.Write(Input));
        text.ShouldContain(old);
        SpdxProblems(Encoding.UTF8.GetBytes(text.Replace(old, now, StringComparison.Ordinal))).ShouldContain(p => p.Contains(complaint, StringComparison.Ordinal));
    }

    [Fact]
    public void The_same_release_gives_the_same_bytes_and_another_another_identity()
    {
        SpdxDocument.Write(Input).ShouldBe(SpdxDocument.Write(Input with { }));
        var other = Input with { Version = "20261121.1" };
        Namespace(other).ShouldNotBe(Namespace(Input));
        Namespace(Input with { Files = [] }).ShouldNotBe(Namespace(Input));

        static string Namespace(SbomInput input) => (string)JsonNode.Parse(SpdxDocument.Write(input))!["documentNamespace"]!;
    }

    [Fact]
    public void Licences_that_are_known_are_SPDX_s()
    {
        using var schema = JsonDocument.Parse(File.ReadAllBytes(Cyclone.Schema("spdx")));
        var known = schema.RootElement.GetProperty("enum").EnumerateArray().Select(e => e.GetString()!).ToHashSet();
        LicenseExpression.Known.Where(l => !known.Contains(l)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("MIT", true)]
    [InlineData("MIT AND (BSD-3-Clause OR Apache-2.0 WITH LLVM-exception)", true)]
    [InlineData("GPLv2+", false)]
    [InlineData("MIT BSD-3-Clause", false)]
    [InlineData("MIT AND", false)]
    [InlineData("(MIT", false)]
    [InlineData("MIT)", false)]
    [InlineData("MIT WITH MIT", false)]
    [InlineData("MIT and ISC", false)]
    [InlineData("", false)]
    public void Words_are_an_expression_or_words(string text, bool isKnown) => LicenseExpression.IsKnown(text).ShouldBe(isKnown);

    [Theory]
    [InlineData(PackageManager.Rpm, "fedora", "40", "curl", 1, "7.50.3", "1.fc40", "i386", "pkg:rpm/fedora/curl@7.50.3-1.fc40?arch=i386&distro=fedora-40&epoch=1")]
    [InlineData(PackageManager.Deb, "debian", "12", "libstdc++6", 1, "2.4.47", "2+b1", "amd64", "pkg:deb/debian/libstdc%2B%2B6@1:2.4.47-2%2Bb1?arch=amd64&distro=debian-12")]
    [InlineData(PackageManager.Apk, "alpine", "3.19.1", "curl", 0, "8.5.0", "0", "x86_64", "pkg:apk/alpine/curl@8.5.0-r0?arch=x86_64&distro=alpine-3.19.1")]
    [InlineData(PackageManager.Alpm, "arch", "", "containers-common", 1, "0.47.4", "4", "x86_64", "pkg:alpm/arch/containers-common@1:0.47.4-4?arch=x86_64")]
    public void Package_URLs(PackageManager manager, string id, string versionId, string name, long epoch, string version, string release, string architecture, string url) =>
        PackageUrl.Of(new(manager, name, architecture, epoch, version, release), new(id, versionId, "")).ShouldBe(url);

    [Theory]
    [InlineData("docker.io/library/debian:12", "pkg:oci/debian@sha256%3A{0}?arch=arm64&repository_url=docker.io%2Flibrary%2Fdebian&tag=12")]
    [InlineData("localhost:5000/base@sha256:00", "pkg:oci/base@sha256%3A{0}?arch=arm64&repository_url=localhost:5000%2Fbase")]
    [InlineData("command:build.sh", null)]
    [InlineData("oci:layouts/base", null)]
    [InlineData("base", null)]
    public void Containers_have_a_URL_where_they_come_from_a_registry(string reference, string? url) =>
        PackageUrl.OfContainer(new(reference, Digest.Sha256("m"u8), "linux/arm64")).ShouldBe(url is null ? null : string.Format(System.Globalization.CultureInfo.InvariantCulture, url, Digest.Sha256("m"u8).Hex));

    /// <summary>What SPDX 2.3 asks of a document, read from the specification: no npm package carries its schema.</summary>
    private static List<string> SpdxProblems(byte[] document)
    {
        var problems = new List<string>();
        var root = JsonNode.Parse(document)!;
        string[] required = ["spdxVersion", "dataLicense", "SPDXID", "name", "documentNamespace", "creationInfo"];
        problems.AddRange(required.Where(k => root[k] is null).Select(k => k + " is missing"));
        if (!Time().IsMatch((string)root["creationInfo"]!["created"]!))
            problems.Add("created is no time");
        var licences = (root["hasExtractedLicensingInfos"]?.AsArray() ?? []).Select(l => (string)l!["licenseId"]!).ToHashSet();
        var ids = new HashSet<string> { (string)root["SPDXID"]! };
        foreach (var package in root["packages"]!.AsArray())
        {
            var id = (string)package!["SPDXID"]!;
            if (!Reference().IsMatch(id) || !ids.Add(id))
                problems.Add($"{id} is no identifier, or comes twice");
            problems.AddRange(new[] { "name", "downloadLocation" }.Where(k => package[k] is null).Select(k => $"{id} has no {k}"));
            if ((string?)package["licenseDeclared"] is { } licence && licence != "NOASSERTION" && !licences.Contains(licence) && !LicenseExpression.IsKnown(licence))
                problems.Add($"{licence} is no licence");
        }
        foreach (var relationship in root["relationships"]!.AsArray())
        {
            if ((string)relationship!["relationshipType"]! is not ("DESCRIBES" or "CONTAINS" or "GENERATED_FROM" or "GENERATES") and var type)
                problems.Add($"{type} is no relationship");
            problems.AddRange(new[] { "spdxElementId", "relatedSpdxElement" }.Select(k => (string)relationship[k]!).Where(i => !ids.Contains(i)).Select(i => $"{i} is not there"));
        }
        return problems;
    }

    [GeneratedRegex(@"^SPDXRef-[A-Za-z0-9.-]+$")]
    private static partial Regex Reference();

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")]
    private static partial Regex Time();
}
