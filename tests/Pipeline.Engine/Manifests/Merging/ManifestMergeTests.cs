using System.Text;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Yaml;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Manifests.Merging;

public sealed class ManifestMergeTests
{
    [Theory]
    [InlineData("maps merge", "{a: {x: 1, y: 2}}", "{a: {y: 3}}", "{a: {x: 1, y: 3}}")]
    [InlineData("texts replace", "{a: 1}", "{a: 2}", "{a: 2}")]
    [InlineData("lists replace", "{a: [1, 2]}", "{a: [3]}", "{a: [3]}")]
    [InlineData("append", "{a: [1]}", "{a: {append: [2, 3]}}", "{a: [1, 2, 3]}")]
    [InlineData("prepend", "{a: [1]}", "{a: {prepend: [0]}}", "{a: [0, 1]}")]
    [InlineData("both", "{a: [1]}", "{a: {append: [2], prepend: [0]}}", "{a: [0, 1, 2]}")]
    [InlineData("append to nothing", "{}", "{a: {append: [2]}}", "{a: [2]}")]
    [InlineData("null removes", "{a: 1, b: {c: 2, d: 3}}", "{a: null, b: {c: ~}}", "{b: {d: 3}}")]
    [InlineData("null of what is not there", "{}", "{a: null}", "{}")]
    [InlineData("a map in place of a text", "{a: 1}", "{a: {b: 2}}", "{a: {b: 2}}")]
    [InlineData("new keys come last", "{b: 1}", "{a: 2}", "{b: 1, a: 2}")]
    [InlineData("what is not inherited", "{extends: x, abstract: true, suspend: true, a: 1}", "{}", "{a: 1}")]
    [InlineData("a label called append", "{labels: {append: x}}", "{labels: {prepend: y}}", "{labels: {append: x, prepend: y}}")]
    public void Merges(string what, string inherited, string own, string expected) =>
        Show(ManifestMerge.Extend(ManifestMerge.Settle(Parse(inherited)), Parse(own))).ShouldBe(expected, what);

    [Fact]
    public void A_change_of_a_list_without_a_base_is_the_list() =>
        Show(ManifestMerge.Settle(Parse("{a: {prepend: [1], append: [2]}, b: null}"))).ShouldBe("{a: [1, 2]}");

    [Fact]
    public void Chains_merge_from_the_far_end()
    {
        using var repository = new ManifestRepository();
        repository.Write("images/one/image.yaml", "abstract: true\nsource: quay.io/a/b\nboards: [box]\ncustomize: {kernelArguments: [a], hostname: one, locale: C.UTF-8}\n")
            .Write("images/two/image.yaml", "extends: one\nabstract: true\ncustomize: {kernelArguments: {append: [b]}, hostname: two}\n")
            .Write("images/three/image.yaml", "extends: two\ncustomize: {kernelArguments: {prepend: [z]}, locale: null}\n");

        var three = repository.Read().Value!.Images.Single(i => i.Name == "three");

        three.Customization.KernelArguments.ShouldBe(["z", "a", "b"]);
        three.Customization.Hostname.ShouldBe("two");
        three.Customization.Locale.ShouldBeNull();
        three.Folders.ShouldBe(["images/three", "images/two", "images/one"]);
    }

    [Fact]
    public void A_chain_without_end_is_stopped()
    {
        using var repository = new ManifestRepository();
        for (var i = 0; i < 200; i++)
            repository.Write($"images/c{i:000}/image.yaml", $"abstract: true\nextends: c{i + 1:000}\n");
        repository.Write("images/c200/image.yaml", "abstract: true\n");

        repository.Read().Diagnostics.ShouldContain(d => d.Rule == ManifestRules.TooMuch);
    }

    private static YamlMap Parse(string text)
    {
        var bag = new DiagnosticBag();
        var node = YamlReader.Read(Encoding.UTF8.GetBytes(text), "test.yaml", bag);
        bag.HasErrors.ShouldBeFalse();
        return (YamlMap)node!;
    }

    private static string Show(YamlNode node) => node switch
    {
        YamlMap map => "{" + string.Join(", ", map.Entries.Select(e => $"{e.Key}: {Show(e.Value)}")) + "}",
        YamlSequence list => "[" + string.Join(", ", list.Items.Select(Show)) + "]",
        YamlScalar scalar => scalar.Text,
        _ => "?",
    };
}
