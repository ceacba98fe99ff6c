using System.Text;
using Pipeline.Core.Diagnostics;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Manifests.Yaml;

public sealed class YamlReaderTests
{
    [Theory]
    [InlineData("no", ScalarKind.Text)]
    [InlineData("on", ScalarKind.Text)]
    [InlineData("yes", ScalarKind.Text)]
    [InlineData("true", ScalarKind.Boolean)]
    [InlineData("'true'", ScalarKind.Text)]
    [InlineData("0644", ScalarKind.Text)]
    [InlineData("0o644", ScalarKind.Text)]
    [InlineData("644", ScalarKind.Integer)]
    [InlineData("-1", ScalarKind.Integer)]
    [InlineData("1.5", ScalarKind.Real)]
    [InlineData("1:30", ScalarKind.Text)]
    [InlineData("~", ScalarKind.Null)]
    [InlineData("", ScalarKind.Null)]
    [InlineData("!!str 5", ScalarKind.Text)]
    [InlineData("99999999999999999999999", ScalarKind.Text)]
    public void Scalars_mean_what_YAML_1_2_says(string text, object kind) =>
        ((YamlMap)Read("a: " + text)!).Find("a")!.Value.ShouldBeOfType<YamlScalar>().Kind.ShouldBe((ScalarKind)kind);

    [Fact]
    public void Every_value_has_its_place()
    {
        var map = (YamlMap)Read("a: 1\nb:\n  - x\n  - {c: y}\n")!;

        map.Find("b")!.KeySpan.ShouldBe(new SourceSpan("test.yaml", 2, 1));
        var list = (YamlSequence)map.Find("b")!.Value;
        list.Items[0].Span.ShouldBe(new SourceSpan("test.yaml", 3, 5));
        ((YamlMap)list.Items[1]).Find("c")!.Value.Span.ShouldBe(new SourceSpan("test.yaml", 4, 9));
    }

    [Fact]
    public void Aliases_are_the_same_value_again()
    {
        var map = (YamlMap)Read("a: &x [1, 2]\nb: *x\n")!;

        map.Find("b")!.Value.ShouldBeSameAs(map.Find("a")!.Value);
    }

    [Fact]
    public void A_billion_laughs_are_stopped()
    {
        var text = new StringBuilder("a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n");
        for (var i = 1; i < 10; i++)
            text.Append($"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat("*a" + (i - 1), 9))}]\n");

        Complaint(Encoding.UTF8.GetBytes(text.ToString())).ShouldBe(ManifestRules.TooMuch);
    }

    [Fact]
    public void Limits_are_kept()
    {
        Complaint(Encoding.UTF8.GetBytes(new string('#', YamlLimits.FileBytes + 1))).ShouldBe(ManifestRules.Unreadable);
        Complaint([0x61, 0x3A, 0x20, 0xFF, 0xFE]).ShouldBe(ManifestRules.Unreadable);
        Complaint(Encoding.UTF8.GetBytes(new string('[', 100_000))).ShouldBe(ManifestRules.TooMuch);
        Complaint(Encoding.UTF8.GetBytes("[" + string.Join(',', Enumerable.Repeat("1", YamlLimits.Nodes + 1)) + "]")).ShouldBe(ManifestRules.TooMuch);
        Complaint("a: &a [*a]"u8.ToArray()).ShouldBe(ManifestRules.Syntax);
    }

    [Fact]
    public void A_byte_order_mark_is_passed_over() =>
        ((YamlMap)YamlReader.Read([0xEF, 0xBB, 0xBF, .. "a: 1"u8], "test.yaml", new DiagnosticBag())!).Find("a").ShouldNotBeNull();

    /// <summary>Bytes at random, and sound manifests with a few bytes changed: an answer or a complaint, never an exception.</summary>
    [Fact]
    public void Garbage_never_throws()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("PIPELINE_SEED"), out var given) ? given : Environment.TickCount;
        TestContext.Current.SendDiagnosticMessage($"PIPELINE_SEED={seed}");
        var random = new Random(seed);
        byte[][] sound = [Encoding.UTF8.GetBytes(ManifestRepository.BoxText), Encoding.UTF8.GetBytes(ManifestRepository.KioskText)];
        var alphabet = "\n\n  -:?[]{}&*!|>'\"%@`#,abcd0123~\t\r\\<=.é\u2028"u8.ToArray();
        for (var i = 0; i < 3000; i++)
        {
            var bytes = (i % 3) switch
            {
                0 => Enumerable.Range(0, random.Next(200)).Select(_ => (byte)random.Next(256)).ToArray(),
                1 => Enumerable.Range(0, random.Next(200)).Select(_ => alphabet[random.Next(alphabet.Length)]).ToArray(),
                _ => Mutate(sound[random.Next(2)], alphabet, random),
            };
            Should.NotThrow(() => ReadAll(bytes), $"PIPELINE_SEED={seed}, round {i}: {Convert.ToBase64String(bytes)}");
        }
    }

    private static byte[] Mutate(byte[] sound, byte[] alphabet, Random random)
    {
        var bytes = (byte[])sound.Clone();
        for (var i = random.Next(1, 5); i > 0; i--)
            bytes[random.Next(bytes.Length)] = alphabet[random.Next(alphabet.Length)];
        return bytes;
    }

    private static void ReadAll(byte[] bytes)
    {
        var bag = new DiagnosticBag();
        var node = YamlReader.Read(bytes, "boards/box.yaml", bag);
        if (node is null)
        {
            bag.HasErrors.ShouldBeTrue();
            return;
        }
        BoardFolder.ReadTree(node, "boards/box.yaml", "/nonexistent", bag);
        bag.AddRange(Schema.ManifestSchema.Image.Validate(node));
        if (node is YamlMap map)
            new Reading.ImageReader("/nonexistent", bag).Read("box", new Merging.ManifestFile(Merging.ManifestMerge.Settle(map), ["images/box/image.yaml"], true));
    }

    private static YamlNode? Read(string text)
    {
        var bag = new DiagnosticBag();
        var node = YamlReader.Read(Encoding.UTF8.GetBytes(text), "test.yaml", bag);
        bag.ToImmutable().ShouldBeEmpty();
        return node;
    }

    private static Rule Complaint(byte[] bytes)
    {
        var bag = new DiagnosticBag();
        YamlReader.Read(bytes, "test.yaml", bag).ShouldBeNull();
        return bag.ToImmutable().ShouldHaveSingleItem().Rule;
    }
}
