using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Manifests.Yaml;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Manifests.Reading;

/// <summary>The forms of small texts, right and wrong.</summary>
public sealed class TextTests
{
    [Theory]
    [InlineData("docker.io/library/debian:12")]
    [InlineData("registry.example/name")]
    [InlineData("registry.example:5000/a/b-c__d/e.f:Tag_1.0")]
    [InlineData("localhost/a@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData("[::1]:5000/a:1@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData("oci:dir")]
    [InlineData("oci:../dir:latest")]
    [InlineData("oci-archive:a.tar")]
    [InlineData("docker-archive:a.tar:name:tag")]
    [InlineData("tar:root.tar.zst")]
    [InlineData("command:build.sh")]
    public void Sources(string text) => SourceText.Problem(text).ShouldBeNull();

    [Theory]
    [InlineData("")]
    [InlineData("debian")]
    [InlineData("library/debian")]
    [InlineData("a b")]
    [InlineData("registry.example/")]
    [InlineData("registry.example/a//b")]
    [InlineData("registry.example/a:")]
    [InlineData("registry.example/-a")]
    [InlineData("registry.example/a@sha256:0")]
    [InlineData("https://registry.example/a")]
    [InlineData("tar:")]
    [InlineData("oci::tag")]
    public void No_sources(string text) => SourceText.Problem(text).ShouldNotBeNull();

    [Theory]
    [InlineData("linux/amd64", "linux/amd64")]
    [InlineData("linux/amd64/v1", "linux/amd64")]
    [InlineData("linux/amd64/v3", "linux/amd64/v3")]
    [InlineData("linux/arm64/v8", "linux/arm64")]
    [InlineData("linux/arm", "linux/arm")]
    [InlineData("linux/arm/v7", "linux/arm")]
    [InlineData("linux/arm/v6", "linux/arm/v6")]
    [InlineData("linux/riscv64", "linux/riscv64")]
    public void Platforms(string text, string normal)
    {
        PlatformText.TryParse(text, out var platform).ShouldBeNull();
        platform!.ToString().ShouldBe(normal);
    }

    [Theory]
    [InlineData("aarch64", "write 'linux/arm64'")]
    [InlineData("linux/x86_64", "write 'linux/amd64'")]
    [InlineData("arm64", "write 'linux/arm64'")]
    [InlineData("windows/amd64", "write linux/ARCHITECTURE or linux/ARCHITECTURE/VARIANT")]
    [InlineData("linux/", "known architectures are 386, amd64, arm, arm64, loong64, ppc64le, riscv64, s390x")]
    [InlineData("linux/arm/v6/x", "write linux/ARCHITECTURE or linux/ARCHITECTURE/VARIANT")]
    public void No_platforms(string text, string advice) => PlatformText.TryParse(text, out _).ShouldBe(advice);

    [Theory]
    [InlineData("root", TableKind.Gpt, "amd64", "4f68bce3-e8cd-4db1-96e7-fbcaf984b709")]
    [InlineData("root", TableKind.Gpt, "arm", "69dad710-2ce4-4e3c-b16c-21a1d49abed3")]
    [InlineData("root", TableKind.Mbr, "arm", "83")]
    [InlineData("esp", TableKind.Mbr, "arm", "ef")]
    [InlineData("0x0C", TableKind.Mbr, "arm", "0c")]
    [InlineData("2E54B353-1271-4842-806F-E436D6AF6985", TableKind.Gpt, "riscv64", "2e54b353-1271-4842-806f-e436d6af6985")]
    [InlineData("0x0c", TableKind.Gpt, "arm", null)]
    [InlineData("bios-boot", TableKind.Mbr, "amd64", null)]
    [InlineData("0x00", TableKind.Mbr, "amd64", null)]
    public void Partition_types(string text, TableKind table, string architecture, string? expected) =>
        PartitionTypes.Resolve(text, table, architecture).ShouldBe(expected);

    [Theory]
    [InlineData("$6$salt$IxDD3jeSOb5eB1CX5LBsqZFVkJdido3OUILO5Ifz5iwMuTS4XMS130MTSuDDl3aCI6WouIL9AjRbLCelDCy.g.", true)]
    [InlineData("$5$rounds=5000$salt$Gcm6FsVtF/Qa77ZKD.iwsJlCVPY0XSMgLJL0Hnww/c1", true)]
    [InlineData("$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW", true)]
    [InlineData("$y$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7", true)]
    [InlineData("!", true)]
    [InlineData("*", true)]
    [InlineData("", false)]
    [InlineData("hunter2", false)]
    [InlineData("$1$salt$qJH7.N4xYta3aEG/dfqo/0", false)]
    [InlineData("$6$salt$short", false)]
    [InlineData("rl.3StKT.4T8M", false)]
    public void Password_hashes(string text, bool accepted)
    {
        var bag = new DiagnosticBag();
        var span = new SourceSpan("a.yaml", 1, 1);
        var user = new YamlMap([new YamlEntry("name", span, new YamlScalar("me", ScalarKind.Text, span)), new YamlEntry("passwordHash", span, new YamlScalar(text, ScalarKind.Text, span))], span);

        new UserReader(bag).Read(user);

        bag.HasErrors.ShouldBe(!accepted);
    }

    [Theory]
    [InlineData("partions", "partitions")]
    [InlineData("hostnmae", "hostname")]
    [InlineData("kernel_arguments", "kernelArguments")]
    [InlineData("KERNELARGUMENTS", "kernelArguments")]
    [InlineData("part", "partitions")]
    [InlineData("zebra", null)]
    [InlineData("1", null)]
    public void Nearest_words(string word, string? expected) =>
        Schema.Nearest.Find(word, ["partitions", "hostname", "kernelArguments", "files"]).ShouldBe(expected);
}
