using System.Runtime.CompilerServices;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using Pipeline.Engine.Manifests;

using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Drawing;

public sealed class BoardMapTests : IDisposable
{
    private const string Everything = """
        description: A board with <everything>
        platform: linux/arm64
        diskSize: 8GiB
        table: {type: gpt, alignment: 8MiB}
        partitions:
          - {name: loader, type: raw, filesystem: {type: none}, size: 4MiB, offset: 16MiB, flags: [required]}
          - {name: esp, type: esp, filesystem: {type: fat, label: ESP}, size: 64MiB, mount: /boot/efi}
          - {name: root, type: root, filesystem: {type: ext4, label: root}, size: 2GiB, mount: /}
          - {name: data, type: linux, filesystem: {type: ext4}, size: rest, mount: /var}
          - {name: swap, type: swap, filesystem: {type: swap}, size: 512MiB}
        blobs:
          - {name: idbloader, from: {container: /idb.img}, offset: 32KiB, limit: 8128KiB}
          - {name: u-boot, from: {container: /u-boot.itb}, offset: 16MiB, limit: 4MiB}
        boot: {method: none}

        """;

    private readonly TempDir _temp = new();

    public static TheoryData<string> Boards => [.. Directory.GetFiles(Path.Combine(Root(), "boards"), "*.yaml").Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal)];

    [Fact]
    public void On_a_disk_of_fixed_length_every_byte_is_drawn_once()
    {
        var map = Map(Everything);
        long next = 0;
        foreach (var part in map.Parts.Where(p => !p.IsInside))
        {
            part.OffsetBytes.ShouldBe(next, part.Name);
            next += part.LengthBytes!.Value;
        }
        next.ShouldBe(8L << 30);
        map.Parts.Single(p => p.IsInside).Name.ShouldBe("u-boot");
        Golden.Match("everything.txt", Text(map));
    }

    [Fact]
    public void What_only_the_build_decides_is_not_made_up()
    {
        var map = Map(Everything.Replace("diskSize: 8GiB\n", "", StringComparison.Ordinal).Replace("size: 2GiB", "{size: content, minimum: 1GiB}", StringComparison.Ordinal).Replace("{size: content, minimum: 1GiB}", "size: content, minimum: 1GiB", StringComparison.Ordinal));
        map.DiskBytes.ShouldBeNull();
        (map.Parts.Single(p => p.Name == "root").Size, map.Parts.Single(p => p.Name == "root").LengthBytes).ShouldBe(("content, at least 1 GiB", null));
        (map.Parts.Single(p => p.Name == "data").Place, map.Parts.Single(p => p.Name == "data").Size).ShouldBe(("then", "content"));
        map.Parts.Single(p => p.Name == "swap").Place.ShouldBe("then");
        map.Parts.Single(p => p.Name == "backup gpt header").Place.ShouldBe("end - 512 B");
        map.Parts.Last(p => p.Kind == MapKind.Free).OffsetBytes.ShouldBe(20 << 20, "no gap is known behind the root");
    }

    [Fact]
    public void A_layout_that_cannot_be_is_not_drawn()
    {
        var board = ShippedBoards.Read("uefi-arm64");
        BoardMap.Of(board with { DiskSize = new(1 << 20) }).IsOk.ShouldBeFalse();
    }

    /// <summary>The pictures of the documentation; PIPELINE_UPDATE_GOLDEN=1 draws them again.</summary>
    [Theory]
    [MemberData(nameof(Boards))]
    public void Each_shipped_board_has_its_picture(string name)
    {
        var svg = BoardSvg.Draw(BoardMap.Of(ShippedBoards.Read(name)).Value!);
        ShouldBeReadable(svg, name);
        var path = Path.Combine(Root(), "docs", "boards", name + ".svg");
        if (Environment.GetEnvironmentVariable("PIPELINE_UPDATE_GOLDEN") == "1")
            File.WriteAllText(path, svg, new UTF8Encoding(false));
        File.Exists(path).ShouldBeTrue($"there is no docs/boards/{name}.svg; PIPELINE_UPDATE_GOLDEN=1 draws it");
        File.ReadAllText(path).ShouldBe(svg, $"docs/boards/{name}.svg differs; PIPELINE_UPDATE_GOLDEN=1 draws it again");
    }

    [Fact]
    public void No_picture_is_of_a_board_that_is_gone() =>
        Directory.GetFiles(Path.Combine(Root(), "docs", "boards"), "*.svg").Select(f => Path.GetFileNameWithoutExtension(f)).Except(ShippedBoards.Names).ShouldBeEmpty();

    [Fact]
    public void Text_of_a_board_cannot_break_the_picture()
    {
        var svg = BoardSvg.Draw(Map(Everything));
        ShouldBeReadable(svg, "everything");
        svg.ShouldContain("A board with &lt;everything&gt;");
    }

    [Fact]
    public void A_librarys_eye_draws_the_picture_and_refuses_a_broken_one()
    {
        var svg = BoardSvg.Draw(Map(Everything));
        File.WriteAllText(_temp["board.svg"], svg);
        Tool.Require("rsvg-convert", _temp["board.svg"], "--output", _temp["board.png"]);
        File.ReadAllBytes(_temp["board.png"]).AsSpan(1).StartsWith("PNG"u8).ShouldBeTrue();
        File.WriteAllText(_temp["broken.svg"], svg.Replace("</svg>", "", StringComparison.Ordinal));
        Tool.Run("rsvg-convert", _temp["broken.svg"], "--output", _temp["broken.png"]).ExitCode.ShouldNotBe(0);
    }

    [Theory]
    [InlineData(3, 100)]
    [InlineData(3, 9)]
    [InlineData(17, 80)]
    public void Shares_sum_to_the_width_and_none_is_lost(int count, int width)
    {
        var shares = MapScale.Share([.. Enumerable.Range(0, count).Select(i => i / (double)count)], 2, width)!;
        shares.Sum().ShouldBe(width);
        shares.ShouldAllBe(s => s >= 2);
        MapScale.Share([1, 1, 1], 2, 5).ShouldBeNull();
    }

    /// <summary>Well-formed, with a title and a description that it names, and no text beyond its edges.</summary>
    private static void ShouldBeReadable(string svg, string name)
    {
        using var reader = XmlReader.Create(new StringReader(svg));
        var root = XDocument.Load(reader).Root!;
        XNamespace ns = "http://www.w3.org/2000/svg";
        root.Attribute("role")!.Value.ShouldBe("img");
        foreach (var id in root.Attribute("aria-labelledby")!.Value.Split(' '))
            root.Elements().Single(e => (string?)e.Attribute("id") == id).Value.ShouldNotBeEmpty();
        root.Element(ns + "style")!.Value.ShouldContain("prefers-color-scheme: dark");
        foreach (var text in root.Elements(ns + "text").Where(t => (string?)t.Attribute("text-anchor") is null))
            ((int)text.Attribute("x")! + text.Value.Length * 6.5).ShouldBeLessThan((double)root.Attribute("width")! + 1, $"{name}: {text.Value}");
    }

    private static string Text(BoardMap map) => map.Facts + "\n" + string.Concat(map.Parts.Select(p =>
        $"{p.Kind.ToString().ToLowerInvariant(),-9} {p.Place,-14} {p.Size,-18} {p.Alignment,-8} {(p.IsInside ? "in it: " : "")}{p.Name}{(p.Detail.Length > 0 ? ", " + p.Detail : "")}\n"));

    private BoardMap Map(string yaml)
    {
        File.WriteAllText(_temp["box.yaml"], yaml);
        var board = WorkspaceReader.ReadBoard(_temp["box.yaml"]);
        board.Diagnostics.ShouldBeEmpty();
        var map = BoardMap.Of(board.Value!);
        map.Diagnostics.ShouldBeEmpty();
        return map.Value!;
    }

    private static string Root([CallerFilePath] string testFile = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(testFile)!, "../../.."));

    public void Dispose() => _temp.Dispose();
}
