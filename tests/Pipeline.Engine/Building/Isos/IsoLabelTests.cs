using Pipeline.Core.Files;
using Pipeline.Kit;
using Pipeline.Oci.Platforms;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Building.Isos;

public sealed class IsoLabelTests
{
    [Theory]
    [InlineData("ID=fedora\nVERSION_ID=42\n", "amd64", "Fedora-S-dvd-x86_64-42")]
    [InlineData("ID=fedora\n", "amd64", "Fedora-S-dvd-x86_64")]
    [InlineData("ID=\"centos\"\nVERSION_ID=\"10\"\n", "arm64", "CentOS-Stream-10-BaseOS-aarch64")]
    [InlineData("ID=rhel\nVERSION_ID=9.6\n", "amd64", "RHEL-9-6-BaseOS-x86_64")]
    [InlineData("ID=debian\n", "riscv64", "Container-Installer-riscv64")]
    [InlineData("", "amd64", "Container-Installer-x86_64")]
    [InlineData("ID=fedora\nVERSION_ID=4 2/!xxxxxxxxxxxxxxxxxxxxxxxxx\n", "amd64", "Fedora-S-dvd-x86_64-42xxxxxxxxxx")]
    public void The_default_is_the_contracts(string release, string architecture, string label)
    {
        var tree = new FileTree();
        tree.Set("/usr/lib/os-release", Ext4Trees.File(System.Text.Encoding.UTF8.GetBytes(release)));
        IsoLabel.Default(tree, new Platform("linux", architecture, null)).ShouldBe(label);
        Disk.Iso.IsoVolumeId.Problem(label).ShouldBeNull();
    }
}
