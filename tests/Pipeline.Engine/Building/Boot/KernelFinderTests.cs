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

    private static string Describe(FileTree tree) => string.Join('|', KernelFinder.Find(tree).Select(k => $"{k.Version} {k.Path} {k.InitrdPath}"));
}
