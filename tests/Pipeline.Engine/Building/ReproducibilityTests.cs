using Pipeline.Core.Units;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Building;

/// <summary>The same inputs give the same bytes, whoever builds, where, and however the layers were packed. Through the real program.</summary>
public sealed class ReproducibilityTests : IDisposable
{
    private const string Board = """
        description: a box
        platform: linux/amd64
        table: {type: gpt}
        partitions:
          - {name: esp, type: esp, filesystem: {type: fat, label: ESP}, size: 16MiB, mount: /boot/efi}
          - {name: root, type: root, filesystem: {type: ext4}, size: rest, mount: /}
          - {name: swap, type: swap, filesystem: swap, size: 4MiB}
        boot: {method: grub-efi}
        """;

    private readonly TempDir _temp = new();

    public ReproducibilityTests() => File.WriteAllText(_temp["box.yaml"], Board);

    [Fact]
    public void The_same_inputs_give_the_same_bytes()
    {
        Layout("gzip", Packing.Gzip);
        Layout("zstd", Packing.Zstd);
        Layout("plain", Packing.None);

        var first = Build("gzip", "cold", "");
        Build("gzip", "cold", "umask 077; cd /", ("TZ", "Pacific/Kiritimati"), ("LC_ALL", "tr_TR.UTF-8"), ("DOTNET_PROCESSOR_COUNT", "1")).ShouldBe(first, "warm cache, other zone, locale, umask, folder and core count");
        Build("zstd", "other", "umask 0; cd /usr", ("TZ", "America/St_Johns"), ("DOTNET_PROCESSOR_COUNT", "2")).ShouldBe(first, "zstd layers, cold cache");
        Build("plain", "third", "export HOME=/nowhere USER=x HOSTNAME=y", ("LANG", "fr_FR.UTF-8"), ("DOTNET_PROCESSOR_COUNT", "16")).ShouldBe(first, "layers not packed");
        // The judge sees a difference.
        Layout("changed", Packing.Gzip, "hello!\n");
        Build("changed", "cold", "").ShouldNotBe(first);
        Build("gzip", "cold", "", ("SOURCE_DATE_EPOCH", "1700000001")).ShouldNotBe(first, "another clock");
    }

    [Fact]
    public void An_ordinary_user_without_any_tool_builds_the_same()
    {
        Layout("gzip", Packing.Gzip);
        var first = Build("gzip", "cold", "");
        var home = Directory.CreateDirectory(_temp["home"]).FullName;
        var program = PipelineProcess.CopyTo(_temp["program"]);
        var isRoot = Tool.Require("id", "-u").Trim() == "0";
        if (isRoot)
            Tool.Require("chown", "65534:65534", home);
        Tool.Require("chmod", "-R", "a+rX", _temp.Path);
        var drop = isRoot ? "setpriv --reuid 65534 --regid 65534 --clear-groups --no-new-privs " : "";

        PipelineProcess.Bash($"cd / && exec {drop}env -i HOME={home} {PipelineProcess.Dotnet} {program} build --from oci:{_temp["gzip"]}:t --board {_temp["box.yaml"]} -o {home}/disk.img --cache {home}/cache");

        Digest.Sha256(File.ReadAllBytes(Path.Combine(home, "disk.img"))).ShouldBe(first);
        string.Join(' ', Directory.EnumerateFileSystemEntries(home).Select(Path.GetFileName).Order(StringComparer.Ordinal)).ShouldBe("disk.img", "neither scratch nor copies of a local layout are left");
    }

    public void Dispose() => _temp.Dispose();

    private Digest Build(string layout, string cache, string before, params (string Name, string Value)[] environment)
    {
        var output = Path.Combine(Directory.CreateDirectory(_temp[Guid.NewGuid().ToString("N")]).FullName, "disk.img");
        PipelineProcess.Bash(
            $"{(before.Length > 0 ? before + "; " : "")}exec {PipelineProcess.Dotnet} {PipelineProcess.Dll} build --from oci:{_temp[layout]}:t --board {_temp["box.yaml"]} -o {output} --cache {_temp["cache-" + cache]}",
            environment);
        return Digest.Sha256(File.ReadAllBytes(output));
    }

    private void Layout(string name, Packing packing, string motd = "hello\n")
    {
        var writer = new OciLayoutWriter(_temp[name]);
        var tars = new[] { Lower(), new TarBuilder().File("etc/motd", motd).Whiteout("etc/gone").HardLink("etc/issue", "etc/motd").ToArray() };
        writer.Tag("t", writer.AddImage("linux/amd64", tars.Select(t => writer.AddLayer(t, packing)).ToArray()));
    }

    private static byte[] Lower()
    {
        var tar = new TarBuilder().File("etc/gone", "x").File("boot/vmlinuz-6.1", "kernel").File("boot/initrd.img-6.1", "initrd")
            .File("boot/efi/EFI/BOOT/BOOTX64.EFI", "shim").File("boot/efi/EFI/BOOT/grubx64.efi", new string('g', 200_000)).SymbolicLink("bin", "usr/bin")
            .Add(new TarItem("usr/bin/ping") { Content = "p"u8.ToArray(), Mode = 0b111_101_101, Xattrs = [("user.note", "n"u8.ToArray())] });
        for (var i = 0; i < 300; i++)
            tar.File($"usr/share/{i % 7}/file-{i}", new string((char)('a' + (i % 26)), i * 37));
        return tar.ToArray();
    }
}
