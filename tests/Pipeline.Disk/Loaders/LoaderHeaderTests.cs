using System.Buffers.Binary;
using System.Text;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Disk.Loaders;

/// <summary>The headers that mkimage and others make are known, each by its own kind only, and damage is seen.</summary>
public sealed class LoaderHeaderTests : IDisposable
{
    private readonly TempDir _temp = new();

    public LoaderHeaderTests()
    {
        var payload = new byte[20_000];
        new Random(7).NextBytes(payload);
        File.WriteAllBytes(_temp["spl.bin"], payload);
    }

    [Theory]
    [InlineData("egon", LoaderKind.SunxiEgon)]
    [InlineData("rk3399", LoaderKind.RockchipIdb)]
    [InlineData("rk3568", LoaderKind.RockchipIdb)]
    [InlineData("imx", LoaderKind.ImxIvt)]
    [InlineData("container", LoaderKind.ImxContainer)]
    [InlineData("mlo", LoaderKind.Mlo)]
    [InlineData("x509", LoaderKind.TiX509)]
    [InlineData("amlogic", LoaderKind.Amlogic)]
    [InlineData("amlogic-sd", LoaderKind.Amlogic)]
    [InlineData("jh7110", LoaderKind.Jh7110Spl)]
    [InlineData("fit", LoaderKind.Fit)]
    public void A_loader_is_known_by_its_own_kind_alone(string made, LoaderKind kind)
    {
        var path = Make(made);
        Enum.GetValues<LoaderKind>().Where(k => Problem(k, path) is null).ShouldBe([kind], Problem(kind, path));
    }

    [Theory]
    [InlineData("egon", LoaderKind.SunxiEgon, 3000, "checksum")]
    [InlineData("egon", LoaderKind.SunxiEgon, 18, "SPL has")]
    [InlineData("jh7110", LoaderKind.Jh7110Spl, 3000, "checksum")]
    [InlineData("jh7110", LoaderKind.Jh7110Spl, 650, "SPL has")]
    [InlineData("mlo", LoaderKind.Mlo, 515, "image has")]
    [InlineData("fit", LoaderKind.Fit, 5, "image tree has")]
    [InlineData("x509", LoaderKind.TiX509, 1, "certificate (30 82)")]
    public void Damage_is_seen(string made, LoaderKind kind, int place, string expected)
    {
        var path = Make(made);
        Damage.FlipBit(path, place, 0x40);
        Problem(kind, path).ShouldNotBeNull().ShouldContain(expected);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(511)]
    [InlineData(520)]
    public void What_is_cut_off_is_refused_and_not_a_bug(int lengthBytes)
    {
        foreach (var (made, kind) in new[] { ("egon", LoaderKind.SunxiEgon), ("mlo", LoaderKind.Mlo), ("jh7110", LoaderKind.Jh7110Spl), ("fit", LoaderKind.Fit) })
            LoaderHeader.Problem(kind, File.ReadAllBytes(Make(made)).AsSpan(0, lengthBytes), lengthBytes).ShouldNotBeNull(made);
    }

    public void Dispose() => _temp.Dispose();

    private static string? Problem(LoaderKind kind, string path)
    {
        using var file = File.OpenRead(path);
        return LoaderHeader.Problem(kind, file, file.Length);
    }

    private string Make(string name)
    {
        var (path, payload) = (_temp[name], _temp["spl.bin"]);
        switch (name)
        {
            case "egon":
                Tool.Require("mkimage", "-A", "arm", "-T", "sunxi_egon", "-d", payload, path);
                break;
            case "rk3399" or "rk3568":
                Tool.Require("mkimage", "-n", name, "-T", "rksd", "-d", payload, path);
                break;
            case "imx":
                File.WriteAllText(_temp["imx.cfg"], "IMAGE_VERSION 2\nBOOT_FROM sd\n");
                Tool.Require("mkimage", "-T", "imximage", "-n", _temp["imx.cfg"], "-e", "0x908000", "-d", payload, path);
                break;
            case "mlo":
                Tool.Require("mkimage", "-T", "omapimage", "-a", "0x402F0400", "-d", payload, path);
                break;
            case "fit":
                Tool.Require("mkimage", "-f", "auto", "-A", "arm64", "-O", "u-boot", "-T", "firmware", "-C", "none", "-a", "0", "-e", "0", "-n", "x", "-d", payload, path);
                break;
            case "x509":
                // As K3's image tool puts it together: a certificate in DER, then what it signs.
                Tool.Require("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", _temp["key"], "-subj", "/CN=test", "-outform", "DER", "-out", path);
                File.WriteAllBytes(path, [.. File.ReadAllBytes(path), .. File.ReadAllBytes(payload)]);
                break;
            case "jh7110":
                Tool.Require("python3", "-c", Jh7110Script, payload, path);
                break;
            default:
                File.WriteAllBytes(path, ByHand(name));
                break;
        }
        return path;
    }

    /// <summary>The header of StarFive's spl_tool, made with another CRC.</summary>
    private const string Jh7110Script = """
        import struct, sys, zlib
        spl = open(sys.argv[1], 'rb').read()
        head = struct.pack('<II636xIIII364x', 0x240, 0x200000, 0x01010101, len(spl), 0x400, zlib.crc32(spl))
        assert len(head) == 1024
        open(sys.argv[2], 'wb').write(head + spl)
        """;

    private static byte[] ByHand(string name)
    {
        var bytes = new byte[4096];
        if (name == "container")
            BinaryPrimitives.WriteUInt32LittleEndian(bytes, 0x8700_2000u | 0);
        else
            Encoding.ASCII.GetBytes("@AML").CopyTo(bytes, name == "amlogic" ? 16 : 528);
        return bytes;
    }
}
