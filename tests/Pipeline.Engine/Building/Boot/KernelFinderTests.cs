using Pipeline.Core.Files;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Building.Boot;

public sealed class KernelFinderTests
{
    [Theory]
    [InlineData("modules with initrd", "/usr/lib/modules/6.1/vmlinuz /usr/lib/modules/6.1/initramfs.img", "6.1 /usr/lib/modules/6.1/vmlinuz /usr/lib/modules/6.1/initramfs.img")]
    [InlineData("modules, initrd in /boot", "/usr/lib/modules/6.1/vmlinuz /boot/initramfs-6.1.img", "6.1 /usr/lib/modules/6.1/vmlinuz /boot/initramfs-6.1.img")]
    [InlineData("Debian", "/boot/vmlinuz-6.1-amd64 /boot/initrd.img-6.1-amd64", "6.1-amd64 /boot/vmlinuz-6.1-amd64 /boot/initrd.img-6.1-amd64")]
    [InlineData("Fedora, rescue beside it", "/boot/vmlinuz-6.8 /boot/initramfs-6.8.img /boot/vmlinuz-0-rescue-77 /boot/initramfs-0-rescue-77.img", "6.8 /boot/vmlinuz-6.8 /boot/initramfs-6.8.img")]
    [InlineData("Alpine", "/boot/vmlinuz-lts /boot/initramfs-lts", "lts /boot/vmlinuz-lts /boot/initramfs-lts")]
    [InlineData("riscv", "/boot/vmlinux-6.1", "6.1 /boot/vmlinux-6.1 ")]
    [InlineData("initrd of another version", "/boot/vmlinuz-6.2 /boot/initrd.img-6.1", "6.2 /boot/vmlinuz-6.2 ")]
    [InlineData("rescue alone", "/boot/vmlinuz-0-rescue-77 /usr/lib/modules/6.1-rescue/vmlinuz", "")]
    [InlineData("modules without kernel", "/usr/lib/modules/6.1/modules.dep", "")]
    [InlineData("checksum of a kernel", "/boot/.vmlinuz-6.1.hmac", "")]
    [InlineData("a version that is a program", "/boot/vmlinuz-6.1$(x)", "")]
    [InlineData("both places, one version", "/usr/lib/modules/6.1/vmlinuz /boot/vmlinuz-6.1 /boot/initrd.img-6.1", "6.1 /usr/lib/modules/6.1/vmlinuz /boot/initrd.img-6.1")]
    [InlineData("newest first", "/boot/vmlinuz-6.9 /boot/vmlinuz-6.10 /usr/lib/modules/5.15/vmlinuz", "6.10 /boot/vmlinuz-6.10 |6.9 /boot/vmlinuz-6.9 |5.15 /usr/lib/modules/5.15/vmlinuz ")]
    public void Kernels_are_found_with_their_initrds(string what, string files, string expected)
    {
        using var disk = new DiskBuild("{method: none}").With(files.Split(' '));

        Describe(disk.Tree).ShouldBe(expected, what);
    }

    [Fact]
    public void Links_are_followed_inside_the_tree()
    {
        using var disk = new DiskBuild("{method: none}").With(("/usr/lib/modules/6.1/vmlinuz", "k"), ("/boot/vmlinuz-6.1", "-> ../usr/lib/modules/6.1/vmlinuz"), ("/lib", "-> usr/lib"), ("/boot/vmlinuz-7.0", "-> /nowhere"));

        Describe(disk.Tree).ShouldBe("6.1 /usr/lib/modules/6.1/vmlinuz ");
    }

    /// <summary>As the packages linux and linux-lts lay their files, with what mkinitcpio makes of them.</summary>
    [Fact]
    public void Arch_names_what_is_in_boot_after_the_package()
    {
        using var disk = new DiskBuild("{method: none}").With(
            ("/usr/lib/modules/6.12.1-arch1-1/vmlinuz", "k"), ("/usr/lib/modules/6.12.1-arch1-1/pkgbase", "linux\n"), ("/usr/lib/modules/6.6.63-1-lts/vmlinuz", "k"), ("/usr/lib/modules/6.6.63-1-lts/pkgbase", "linux-lts\n"),
            ("/usr/lib/modules/6.1-old/pkgbase", "linux-old\n"), ("/usr/lib/modules/6.0/vmlinuz", "k"), ("/usr/lib/modules/6.0/pkgbase", "../etc\n"),
            ("/boot/vmlinuz-linux", "k"), ("/boot/initramfs-linux.img", "i"), ("/boot/initramfs-linux-fallback.img", "i"), ("/boot/vmlinuz-linux-lts", "k"), ("/boot/initramfs-linux-lts.img", "i"), ("/boot/vmlinuz-linux-old", "k"));

        Describe(disk.Tree).Split('|').ShouldBe([
            "linux-old /boot/vmlinuz-linux-old ", "6.12.1-arch1-1 /usr/lib/modules/6.12.1-arch1-1/vmlinuz /boot/initramfs-linux.img",
            "6.6.63-1-lts /usr/lib/modules/6.6.63-1-lts/vmlinuz /boot/initramfs-linux-lts.img", "6.0 /usr/lib/modules/6.0/vmlinuz ",
        ]);
    }

    private static string Describe(FileTree tree) => string.Join('|', KernelFinder.Find(tree).Select(k => $"{k.Version} {k.Path} {k.InitrdPath}"));
}
