using System.Collections.Immutable;
using System.Text;
using Pipeline.Core.Units;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Inventories;

public sealed class InventoryJsonTests
{
    private static readonly SourceInventory Full = new("docker.io/library/debian:12", Digest.Sha256("m"u8), "linux/amd64")
    {
        Clock = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000),
        Labels = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal).Add("org.opencontainers.image.version", "12.7"),
        Layers = [new(Digest.Sha256("l"u8), new(123))],
        System = new("debian", "12", "Debian GNU/Linux 12 (bookworm)"),
        Kernels = ["6.1.0-28-amd64"],
        Packages = PackageInventory.Of(
            [
                new(PackageManager.Deb, "zlib1g", "amd64", 1, "1.2.13.dfsg", "1") { Source = "zlib", InstalledBytes = 1024, Url = "http://zlib.net/" },
                new(PackageManager.Rpm, "bash", "x86_64", 0, "5.2", "1") { License = "GPL-3.0-or-later", Build = "abc" },
            ],
            ["/var/lib/dpkg/status"]) with { Unreadable = ["one database"] },
    };

    [Fact]
    public void The_file_has_this_form() => Golden.Match("full.packages.json", Encoding.UTF8.GetString(InventoryJson.Write(Full)));

    [Fact]
    public void What_was_written_is_read()
    {
        var json = InventoryJson.Write(Full);
        InventoryJson.TryRead(json, out var read, out var problem).ShouldBeTrue(problem);
        InventoryJson.Write(read!).ShouldBe(json);
        read!.Packages.Packages.ShouldBe(Full.Packages.Packages);
        read.System.ShouldBe(Full.System);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("\"format\":2")]
    [InlineData("\"manager\":\"brew\"")]
    [InlineData("\"layers\":[null]")]
    [InlineData("\"packages\":[{}]")]
    [InlineData("\"manifest\":\"x\"")]
    [InlineData("\"clock\":\"now\"")]
    public void What_is_no_list_is_told(string damage)
    {
        var text = Encoding.UTF8.GetString(InventoryJson.Write(Full));
        if (damage.StartsWith('"'))
        {
            var key = damage[..damage.IndexOf(':', StringComparison.Ordinal)];
            var at = text.IndexOf(key + ":", StringComparison.Ordinal);
            var end = text[at + key.Length + 1] == '[' ? text.IndexOf(']', at) + 1 : text.IndexOf(',', at);
            damage = text[..at] + damage + text[end..];
        }
        InventoryJson.TryRead(Encoding.UTF8.GetBytes(damage), out _, out var problem).ShouldBeFalse();
        problem.ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public void A_system_says_who_it_is_and_which_kernels_it_has()
    {
        var tree = DirectoryTree.Of(
            ("/usr/lib/os-release", "NAME=Fedora\nID=fedora\nVERSION_ID=40\nPRETTY_NAME=\"Fedora \\\"40\\\"\"\n"),
            ("/usr/lib/modules/6.8.1/modules.dep", ""), ("/usr/lib/modules/6.10.2/modules.dep", ""), ("/usr/lib/modules/README", ""));
        SystemFacts.Identity(tree).ShouldBe(new SystemIdentity("fedora", "40", "Fedora \"40\""));
        SystemFacts.Kernels(tree).ShouldBe(["6.10.2", "6.8.1"]);
        SystemFacts.Identity(DirectoryTree.Of(("/etc/os-release", "NAME=x\n"))).ShouldBeNull();
    }

    [Fact]
    public void Labels_that_tell_of_origin_are_kept_and_shortened()
    {
        var labels = SystemFacts.Labels([new("org.opencontainers.image.version", "1\n2"), new("maintainer", "x"), new("org.opencontainers.image.description", new('d', 9999))]);
        labels["org.opencontainers.image.version"].ShouldBe("1 2");
        labels["org.opencontainers.image.description"].Length.ShouldBe(256);
        labels.Count.ShouldBe(2);
    }
}
