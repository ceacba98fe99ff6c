using Pipeline.Engine.Manifests.Models;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Building.Boot;

/// <summary>What a container brought decides how its disk boots, where its layout says no method.</summary>
public sealed class BootChoiceTests
{
    private const string Kernel = "/usr/lib/modules/6.1/vmlinuz";
    private const string Loader = "/boot/efi/EFI/BOOT/BOOTX64.EFI";

    [Theory]
    [InlineData(BootMethod.UefiFiles, Loader)]
    [InlineData(BootMethod.UefiFiles, Loader, Kernel)]
    [InlineData(BootMethod.UefiFiles, "/boot/efi/efi/boot/bootx64.efi", Kernel)]
    [InlineData(BootMethod.UefiFiles, Loader, Kernel, "/boot/efi/EFI/BOOT/grubx64.efi", "/boot/grub/grub.cfg")]
    [InlineData(BootMethod.UefiFiles, Loader, Kernel, "/boot/efi/EFI/debian/grubx64.efi", "/boot/efi/EFI/debian/grub.cfg")]
    [InlineData(BootMethod.UefiFiles, Loader, Kernel, "/boot/efi/loader/entries/a.conf")]
    [InlineData(BootMethod.UefiFiles, Loader, "/boot/efi/EFI/Linux/a.efi")]
    [InlineData(BootMethod.GrubEfi, Loader, Kernel, "/boot/efi/EFI/BOOT/grubx64.efi")]
    [InlineData(BootMethod.GrubEfi, Kernel, "/usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed")]
    [InlineData(BootMethod.GrubEfi, Kernel, "/usr/lib/bootupd/updates/EFI/BOOT/BOOTX64.EFI")]
    [InlineData(BootMethod.SystemdBoot, Kernel, "/usr/lib/systemd/boot/efi/systemd-bootx64.efi")]
    [InlineData(BootMethod.None, Kernel, "/boot/extlinux/extlinux.conf", "/usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed")]
    public void The_method_follows_from_what_is_there(BootMethod method, params string[] files)
    {
        using var build = Automatic().With(files);
        BootChoice.Of(new(build.Job, build.Tree, build.Mounts, build.Bag)).ShouldBe(method);
        build.Codes.ShouldBeEmpty();
    }

    [Fact]
    public void An_ESP_without_anything_is_told()
    {
        using var build = Automatic().With(Kernel);
        build.InstallBoot();
        build.Codes.ShouldBe(["PL3214"]);
    }

    [Fact]
    public void Arguments_that_nobody_reads_are_told()
    {
        using var build = Automatic().With(Kernel, "/boot/extlinux/extlinux.conf");
        build.Customization = new() { KernelArguments = ["quiet"] };
        build.InstallBoot();
        build.Codes.ShouldBe(["PL4065"]);
    }

    private static DiskBuild Automatic()
    {
        var build = new DiskBuild("{method: none}");
        build.Board = build.Board with { Boot = build.Board.Boot with { Method = BootMethod.Automatic } };
        return build;
    }
}
