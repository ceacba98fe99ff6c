using System.Text;
using Pipeline.Core.Files;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Building.Boot;

/// <summary>The judges are objdump for the sections and pefile for headers and checksum.</summary>
public sealed class UnifiedKernelImageTests
{
    private const string StubPath = "/usr/lib/systemd/boot/efi/linuxx64.efi.stub";

    private static readonly (string Name, byte[] Content)[] Sections =
    [
        (".osrel", "ID=x\n"u8.ToArray()), (".cmdline", "root=/dev/vda quiet"u8.ToArray()), (".uname", "6.1"u8.ToArray()),
        (".initrd", Pattern(70_001)), (".linux", Pattern(2_123_457)),
    ];

    [Fact]
    public void Others_read_the_sections_and_the_checksum()
    {
        using var temp = new TempDir();
        File.WriteAllBytes(temp["u.efi"], Make(File.ReadAllBytes(StubPath), Sections));

        foreach (var (name, content) in Sections)
        {
            Tool.Require("objcopy", "-O", "binary", $"--only-section={name}", temp["u.efi"], temp["s"]);
            File.ReadAllBytes(temp["s"]).AsSpan(0, content.Length).SequenceEqual(content).ShouldBeTrue(name);
        }
        Judge(temp["u.efi"]).ShouldBe("ok");
    }

    [Fact]
    public void Pefile_refuses_a_flipped_bit()
    {
        using var temp = new TempDir();
        var image = Make(File.ReadAllBytes(StubPath), Sections);
        image[^700] ^= 1;
        File.WriteAllBytes(temp["u.efi"], image);

        Judge(temp["u.efi"]).ShouldContain("checksum");
    }

    [Theory]
    [InlineData("no program", 0)]
    [InlineData("no PE", 0x80)]
    public void Other_files_are_refused(string what, int length)
    {
        var bytes = File.ReadAllBytes(StubPath)[..length];

        Should.Throw<InvalidDataException>(() => Make(bytes, Sections), what);
    }

    [Fact]
    public void Damaged_stubs_are_refused_in_words_or_taken()
    {
        var random = new Random(11);
        var stub = File.ReadAllBytes(StubPath);
        for (var i = 0; i < 3000; i++)
        {
            var bytes = (byte[])stub.Clone();
            for (var j = 0; j < 3; j++)
                bytes[random.Next(0x40, 0x300)] = (byte)random.Next(256);
            try
            {
                Make(bytes, [(".uname", [1])]);
            }
            catch (InvalidDataException)
            {
                // The only answer besides an image.
            }
        }
    }

    [Fact]
    public void Too_many_sections_are_refused() =>
        Should.Throw<InvalidDataException>(() => Make(File.ReadAllBytes(StubPath), [.. Enumerable.Range(0, 50).Select(i => ($".s{i}", new byte[1]))]));

    [Fact]
    public void Board_gets_one_a_kernel_beside_systemd_boot()
    {
        using var disk = Disk("/usr/lib/systemd/boot/efi/systemd-bootx64.efi", "/boot/vmlinuz-6.12", "/boot/initrd.img-6.12").InstallBoot();

        disk.Codes.ShouldBeEmpty();
        disk.Tree.Find("/boot/efi/EFI/Linux/kiosk-6.1.efi").ShouldBeOfType<RegularFile>();
        var image = ((RegularFile)disk.Tree.Find("/boot/efi/EFI/Linux/kiosk-6.12.efi")!).Content.ReadAll(1 << 20);
        var text = Encoding.Latin1.GetString(image);
        text.ShouldContain("root=PARTUUID=");
        text.ShouldContain("/boot/vmlinuz-6.12");
        disk.Text("/boot/efi/EFI/BOOT/BOOTX64.EFI").ShouldBe("/usr/lib/systemd/boot/efi/systemd-bootx64.efi");
        disk.Text("/boot/efi/loader/loader.conf").ShouldBe("timeout 3\n");
    }

    [Fact]
    public void Without_systemd_boot_the_firmware_starts_the_newest()
    {
        using var disk = Disk("/boot/vmlinuz-6.12", "/boot/initrd.img-6.12").InstallBoot();

        disk.Codes.ShouldBeEmpty();
        ((RegularFile)disk.Tree.Find("/boot/efi/EFI/BOOT/BOOTX64.EFI")!).Content.ShouldBe(((RegularFile)disk.Tree.Find("/boot/efi/EFI/Linux/kiosk-6.12.efi")!).Content);
    }

    [Fact]
    public void Those_of_the_source_are_taken_as_they_are()
    {
        using var disk = new DiskBuild("{method: uki, kernelArguments: [quiet]}").With("/usr/lib/modules/6.9/6.9.efi", "/usr/lib/modules/6.10/vmlinuz.efi").InstallBoot();

        disk.Codes.ShouldBe(["PL4065"]);
        disk.Text("/boot/efi/EFI/Linux/6.10.efi").ShouldBe("/usr/lib/modules/6.10/vmlinuz.efi");
        disk.Text("/boot/efi/EFI/Linux/6.9.efi").ShouldBe("/usr/lib/modules/6.9/6.9.efi");
        disk.Text("/boot/efi/EFI/BOOT/BOOTX64.EFI").ShouldBe("/usr/lib/modules/6.10/vmlinuz.efi");
    }

    [Theory]
    [InlineData("/boot/vmlinuz-6.1 /boot/initrd.img-6.1", "PL4069")]
    [InlineData("/boot/vmlinuz-6.1 /boot/initrd.img-6.1 " + StubPath, "PL4074")]
    [InlineData("/etc/x", "PL4060")]
    public void What_is_missing_is_told(string files, string code)
    {
        using var disk = new DiskBuild("{method: uki}").With(files.Split(' ')).InstallBoot();

        disk.Codes.ShouldBe([code]);
    }

    private static byte[] Make(byte[] stub, IEnumerable<(string Name, byte[] Content)> sections) =>
        UnifiedKernelImage.Make(FileContent.Of(stub), [.. sections.Select(s => (s.Name, FileContent.Of(s.Content)))]).ReadAll(1 << 24);

    private static DiskBuild Disk(params string[] files)
    {
        var disk = new DiskBuild("{method: uki}").With(["/boot/vmlinuz-6.1", "/boot/initrd.img-6.1", .. files]);
        disk.Tree.Set(StubPath, new RegularFile { Content = FileContent.Of(File.ReadAllBytes(StubPath)) });
        return disk;
    }

    private static byte[] Pattern(int length) => [.. Enumerable.Range(0, length).Select(i => (byte)(i * 31 >> 3))];

    /// <summary>Sections ascend without overlap, the image ends behind the last, and the checksum is right.</summary>
    private static string Judge(string path) => Tool.Require("python3", "-c",
        """
        import pefile, sys
        pe = pefile.PE(sys.argv[1])
        o, bad = pe.OPTIONAL_HEADER, []
        if o.CheckSum != pe.generate_checksum(): bad.append('checksum')
        new = set(pe.get_warnings()) - set(pefile.PE(sys.argv[2]).get_warnings())
        if new: bad.append('warnings %s' % new)
        s = sorted(pe.sections, key=lambda s: s.VirtualAddress)
        for a, b in zip(s, s[1:]):
            if a.VirtualAddress + a.Misc_VirtualSize > b.VirtualAddress: bad.append('overlap %s' % a.Name)
            if a.PointerToRawData + a.SizeOfRawData > b.PointerToRawData: bad.append('raw overlap %s' % a.Name)
        end = s[-1].VirtualAddress + s[-1].Misc_VirtualSize
        if o.SizeOfImage != (end + o.SectionAlignment - 1) // o.SectionAlignment * o.SectionAlignment: bad.append('size of image')
        if any(x.VirtualAddress % 4096 for x in s[-5:]): bad.append('pages')
        if [x.Name.rstrip(b'\0').decode() for x in s][-5:] != ['.osrel', '.cmdline', '.uname', '.initrd', '.linux']: bad.append('names')
        print(' '.join(bad) or 'ok', end='')
        """, path, StubPath);
}
