using System.Text;
using Pipeline.Core.Files;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Oci.Layers;

public sealed class LayerMergerTests
{
    [Fact]
    public async Task A_whiteout_concerns_lower_layers_only_wherever_it_stands()
    {
        using var image = await Unpacked.CreateAsync(
            new TarBuilder().File("a", "old").File("d/x", "x").File("d/y", "y"),
            new TarBuilder().File("a", "new").Whiteout("a").File("d/z", "z").Opaque("d").Whiteout("nothing"));
        Paths(image).ShouldBe(["/a", "/d", "/d/z"]);
        Text(image, "/a").ShouldBe("new");
    }

    [Fact]
    public async Task Whiteouts_go_through_links_of_lower_layers_but_not_through_links_that_are_replaced()
    {
        using var image = await Unpacked.CreateAsync(
            new TarBuilder().Directory("usr/bin").File("usr/bin/a", "a").File("usr/bin/b", "b").SymbolicLink("bin", "usr/bin").SymbolicLink("sbin", "usr/bin"),
            new TarBuilder().Whiteout("bin/a").Directory("sbin").Opaque("sbin").Whiteout("sbin/b"));
        Paths(image).ShouldBe(["/bin", "/sbin", "/usr", "/usr/bin", "/usr/bin/b"]);
    }

    [Fact]
    public async Task Links_among_the_parents_never_leave_the_root()
    {
        using var image = await Unpacked.CreateAsync(
            new TarBuilder().SymbolicLink("out", "../../../etc").SymbolicLink("abs", "/tmp").File("out/passwd", "p").File("abs/file", "f"));
        Paths(image).ShouldBe(["/abs", "/etc", "/etc/passwd", "/out", "/tmp", "/tmp/file"]);
        var made = image.Tree.Find("/etc")!;
        (made.Permissions, made.Uid, made.Mtime).ShouldBe(((ushort)0b111_101_101, 0u, UnixTime.Epoch));
    }

    [Fact]
    public async Task A_changed_name_leaves_its_hard_links_alone()
    {
        using var image = await Unpacked.CreateAsync(
            new TarBuilder().File("a", "shared").HardLink("b", "a").HardLink("c", "./a"),
            new TarBuilder().File("a", "mine").Whiteout("c"),
            new TarBuilder().HardLink("d", "b"));
        Text(image, "/a").ShouldBe("mine");
        image.Tree.Find("/b").ShouldBeSameAs(image.Tree.Find("/d"));
        Text(image, "/d").ShouldBe("shared");
    }

    [Fact]
    public async Task Aufs_leftovers_and_overlay_attributes_are_no_content()
    {
        using var image = await Unpacked.CreateAsync(new TarBuilder()
            .Directory(".wh..wh.plnk").File(".wh..wh.plnk/1.2", "x").File(".wh..wh.aufs", "")
            .Add(new TarItem("f") { Xattrs = [("trusted.overlay.opaque", "y"u8.ToArray()), ("user.kept", "k"u8.ToArray())] })
            .Add(new TarItem("l") { Records = [("LIBARCHIVE.xattr.user.a%3Db", "aGk"u8.ToArray())] }));
        Paths(image).ShouldBe(["/f", "/l"]);
        image.Tree.Find("/f")!.Xattrs.Select(x => x.Name).ShouldBe(["user.kept"]);
        image.Tree.Find("/l")!.Xattrs.Select(x => x.Name + "=" + Encoding.ASCII.GetString(x.Value)).ShouldBe(["user.a=b=hi"]);
    }

    [Fact]
    public async Task An_attribute_whose_name_is_no_text_is_refused_and_not_renamed()
    {
        var layer = new TarBuilder().Add(new TarItem("f") { Xattrs = [("user.\u00e9", "k"u8.ToArray())] }).ToArray();
        (await Unpacked.CreateAsync(new BlobSource().Add(layer))).Tree.Find("/f")!.Xattrs.ShouldHaveSingleItem().Name.ShouldBe("user.\u00e9");
        layer.AsSpan().Replace((byte)0xc3, (byte)0xff);

        var result = await Unpacked.TryAsync(new BlobSource().Add(layer));

        result.Diagnostics.ShouldHaveSingleItem().Message.ShouldContain("an attribute whose name is not UTF-8");
    }

    [Fact]
    public async Task A_global_header_holds_for_all_that_follow_unless_they_say_otherwise()
    {
        using var image = await Unpacked.CreateAsync(new TarBuilder().File("a", "").Global(("uid", "7"u8.ToArray()), ("comment", "c"u8.ToArray()))
            .File("b", "").Add(new TarItem("c") { Records = [("uid", "8"u8.ToArray())] }));
        image.Tree.Walk().Select(n => n.Node.Uid).ShouldBe([0u, 7u, 8u]);
    }

    [Theory]
    [InlineData("-1.5", -2, 500_000_000)]
    [InlineData("-0.25", -1, 750_000_000)]
    [InlineData("-3", -3, 0)]
    [InlineData("12.1234567899", 12, 123_456_789)]
    public async Task Times_are_exact_to_the_nanosecond_also_before_1970(string text, long seconds, int nanoseconds)
    {
        using var image = await Unpacked.CreateAsync(new TarBuilder().Add(new TarItem("f") { Records = [("mtime", Encoding.ASCII.GetBytes(text))] }));
        image.Tree.Find("/f")!.Mtime.ShouldBe(new UnixTime(seconds, nanoseconds));
    }

    [Fact]
    public async Task Dialects_and_splits_mean_the_same()
    {
        var trees = new List<string>();
        foreach (var dialect in Enum.GetValues<TarDialect>())
        {
            TarBuilder Base() => new TarBuilder(dialect).Directory("usr", 0b111_000_000, 3);
            static TarBuilder Rest(TarBuilder tar) => tar.File("usr/" + new string('p', 90) + "/" + new string('q', 90), "long").SymbolicLink("l", "t")
                .Add(new TarItem("dev", '3') { Major = 4, Minor = 64 }).HardLink("hard", "usr/" + new string('p', 90) + "/" + new string('q', 90));
            using var whole = await Unpacked.CreateAsync(Rest(Base()));
            using var split = await Unpacked.CreateAsync(Base(), Rest(new TarBuilder(dialect)));
            trees.Add(whole.Tree.ToListing());
            trees.Add(split.Tree.ToListing());
        }
        trees.Distinct().Count().ShouldBe(1, trees[0]);
    }

    [Theory]
    [InlineData("PL4004", "../evil", '0', "")]
    [InlineData("PL4004", "a/../../evil", '0', "")]
    [InlineData("PL4004", "h", '1', "../../etc/passwd")]
    [InlineData("PL4006", "h", '1', "missing")]
    [InlineData("PL4007", "h", '1', "dir")]
    [InlineData("PL4008", "file/below", '0', "")]
    [InlineData("PL4009", "loop/below", '0', "")]
    [InlineData("PL4005", "./", '2', "x")]
    [InlineData("PL4005", "l", '2', "")]
    [InlineData("PL4005", ".wh.", '0', "")]
    [InlineData("PL4005", "dir/.wh...", '0', "")]
    [InlineData("PL4011", "u", 'Z', "")]
    public async Task What_no_file_system_can_hold_is_refused(string code, string path, char type, string link)
    {
        var tar = new TarBuilder().Directory("dir").File("file", "f").SymbolicLink("loop", "loop").Add(new TarItem(path, type) { Link = link }).ToArray();
        var result = await Unpacked.TryAsync(new BlobSource().Add(tar));
        result.Diagnostics.Select(d => d.Rule.Code).ShouldBe([code], string.Join('\n', result.Diagnostics));
        result.Diagnostics[0].Message.ShouldStartWith("layer 1 (");
    }

    [Fact]
    public async Task Long_names_are_refused_with_their_length()
    {
        var tar = new TarBuilder().Add(new TarItem(new string('n', 256))).Add(new TarItem(string.Join('/', Enumerable.Repeat(new string('p', 250), 17)))).ToArray();
        var result = await Unpacked.TryAsync(new BlobSource().Add(tar));
        result.Diagnostics.Select(d => d.Rule.Code).ShouldBe(["PL4002", "PL4003"]);
        result.Diagnostics[0].Message.ShouldContain("256 bytes");
    }

    private static string[] Paths(UnpackedImage image) => [.. image.Tree.Walk().Select(n => n.Path)];

    private static string Text(UnpackedImage image, string path) => Encoding.UTF8.GetString(((RegularFile)image.Tree.Find(path)!).Content.ReadAll(100));
}
