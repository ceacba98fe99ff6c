using Pipeline.Core.Files;
using Pipeline.Engine.Building.Rootfs;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Building.Packages;

/// <summary>Packages that dpkg-deb made are read; what is not one, or damaged, is refused.</summary>
public sealed class DebianPackageTests : IDisposable
{
    private readonly TempDir _temp = new();

    public DebianPackageTests()
    {
        Write("DEBIAN/control", "Package: u-boot-test\nVersion: 1\nArchitecture: all\nMaintainer: nobody <nobody@example.org>\nDescription: test\n");
        Write("usr/lib/u-boot/a/spl.bin", new string('a', 70_000));
        Write("usr/lib/u-boot/b/spl.bin", "b");
        Write("usr/lib/u-boot/b/empty", "");
        Write("usr/share/.hidden", "hidden");
        File.CreateSymbolicLink(_temp["tree/usr/lib/u-boot/link.bin"], "a/spl.bin");
        Tool.Require("ln", _temp["tree/usr/lib/u-boot/b/spl.bin"], _temp["tree/usr/lib/u-boot/b/hard.bin"]);
    }

    [Theory]
    [InlineData("xz")]
    [InlineData("gzip")]
    [InlineData("zstd")]
    [InlineData("none")]
    public void Files_of_a_package_are_what_went_in(string compression)
    {
        var package = new DebianPackage(Build(compression));

        TreeGlob.Match(package.Tree, "/usr/lib/u-boot/*/spl.bin").ShouldBe(["/usr/lib/u-boot/a/spl.bin", "/usr/lib/u-boot/b/spl.bin"]);
        Text(package, "/usr/lib/u-boot/a/spl.bin").ShouldBe(new string('a', 70_000));
        Text(package, "/usr/lib/u-boot/link.bin").ShouldBe(new string('a', 70_000));
        Text(package, "/usr/lib/u-boot/b/hard.bin").ShouldBe("b");
        Text(package, "/usr/lib/u-boot/b/empty").ShouldBe("");
        Text(package, "/usr/share/.hidden").ShouldBe("hidden");
    }

    [Theory]
    [InlineData("xz")]
    [InlineData("gzip")]
    [InlineData("zstd")]
    [InlineData("none")]
    public void A_package_that_breaks_off_is_refused(string compression)
    {
        var whole = Build(compression).ReadAll(1 << 20);
        var cuts = Enumerable.Range(0, 40).Select(i => i * whole.Length / 40);

        foreach (var cut in cuts)
            Should.Throw<InvalidDataException>(() => Text(new DebianPackage(FileContent.Of(whole[..cut])), "/usr/lib/u-boot/a/spl.bin"), $"cut at {cut}");
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("none")]
    public void Damage_never_crashes(string compression)
    {
        var whole = Build(compression).ReadAll(1 << 20);
        var random = new Random(11);
        for (var i = 0; i < 300; i++)
        {
            var damaged = (byte[])whole.Clone();
            // The contents of the long file are no place to find anything.
            damaged[random.Next(Math.Min(damaged.Length, 6000))] ^= (byte)(1 << random.Next(8));
            try
            {
                var package = new DebianPackage(FileContent.Of(damaged));
                foreach (var (_, node) in package.Tree.Walk())
                    _ = node is RegularFile file ? package.Open(file).LengthBytes : 0;
            }
            catch (InvalidDataException)
            {
                continue;
            }
        }
    }

    [Theory]
    [InlineData("", "does not begin with !<arch>")]
    [InlineData("!<arch>\n", "first member is not debian-binary")]
    [InlineData("!<arch>\nx", "no header of a member at byte 8")]
    public void What_is_no_package_is_refused(string text, string reason) =>
        Should.Throw<InvalidDataException>(() => new DebianPackage(FileContent.Of(System.Text.Encoding.ASCII.GetBytes(text)))).Message.ShouldContain(reason);

    [Fact]
    public void A_package_without_data_that_is_understood_says_what_it_has()
    {
        var bytes = Build("gzip").ReadAll(1 << 20);
        var place = bytes.AsSpan().IndexOf("data.tar.gz"u8);
        "data.tar.lz"u8.CopyTo(bytes.AsSpan(place));

        Should.Throw<InvalidDataException>(() => new DebianPackage(FileContent.Of(bytes))).Message.ShouldContain("data.tar.lz");
    }

    public void Dispose() => _temp.Dispose();

    private FileContent Build(string compression)
    {
        Tool.Require("dpkg-deb", "--root-owner-group", $"-Z{compression}", "-b", _temp["tree"], _temp["x.deb"]);
        return FileContent.Of(File.ReadAllBytes(_temp["x.deb"]));
    }

    private static string Text(DebianPackage package, string path) =>
        System.Text.Encoding.UTF8.GetString(package.Open(package.Tree.Find(path).ShouldBeOfType<RegularFile>()).ReadAll(1 << 20));

    private void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_temp["tree/" + path])!);
        File.WriteAllText(_temp["tree/" + path], text);
    }
}
