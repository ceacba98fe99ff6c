using System.Security.Cryptography;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Building.LinuxKit;

/// <summary>From a manifest to files, through the real program; cpio, tar and unsquashfs are the judges.</summary>
public sealed class LinuxKitBuildTests
{
    private const string AllFiles = "[kernel+initrd, tar-kernel-initrd, kernel+squashfs]";
    private const string CommandLine = "console=ttyS0 quiet last";

    [Fact]
    public void Kernel_initrd_and_command_line_are_files_under_their_names()
    {
        using var repository = new LinuxKitRepository(AllFiles);
        var folder = repository.Build("out");

        Directory.GetFiles(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal).ShouldBe(
            ["SHA256SUMS", "inputs.json", "kit-box-cmdline", "kit-box-initrd.img", "kit-box-initrd.tar", "kit-box-kernel", "kit-box-squashfs-cmdline", "kit-box-squashfs-kernel", "kit-box-squashfs.img", "kit-box.packages.json"]);
        File.ReadAllText(Path.Combine(folder, "kit-box-kernel")).ShouldBe("KERNEL");
        File.ReadAllText(Path.Combine(folder, "kit-box-cmdline")).ShouldBe(CommandLine);
        File.ReadAllText(Path.Combine(folder, "kit-box-squashfs-cmdline")).ShouldBe(CommandLine);
        var names = Tool.Require("sh", "-c", $"gzip -dc {folder}/kit-box-initrd.img | cpio -it --quiet").Split('\n');
        names.ShouldContain("init");
        names.ShouldContain("lib/modules/6.1/x.ko");
        names.ShouldContain("containers/onboot/000-first/lower/bin/tool");
        names.ShouldContain("containers/services/main/config.json");
        Tool.Require("sh", "-c", $"gzip -dc {folder}/kit-box-initrd.img | cpio -i --quiet --to-stdout etc/motd etc/added").ShouldBe("addedhello");
        Tool.Require("tar", "-tf", $"{folder}/kit-box-initrd.tar").ShouldBe("kernel\ninitrd.img\ncmdline\n");
        Tool.Require("sh", "-c", $"tar -xOf {folder}/kit-box-initrd.tar initrd.img | cmp - {folder}/kit-box-initrd.img");
        Tool.Require("unsquashfs", "-cat", $"{folder}/kit-box-squashfs.img", "etc/motd").ShouldBe("hello");
    }

    /// <summary>As docs/linuxkit.md says: the loader that no container has comes from the repository.</summary>
    [Fact]
    public void Files_of_the_repository_are_in_the_root_and_start_the_medium()
    {
        using var repository = new LinuxKitRepository("[]");
        repository.Write("images/kit/loader.efi", "a loader");
        repository.Write("images/kit/image.yaml", "description: a system\nsource: linuxkit:system.yml\nboards: [box]\noutputs: [kernel+initrd, kernel+squashfs, esp]\n"
            + "customize: {files: [{path: /usr/lib/systemd/boot/efi/systemd-bootx64.efi, source: loader.efi}]}\n");
        var folder = repository.Build("out");

        const string place = "usr/lib/systemd/boot/efi/systemd-bootx64.efi";
        Tool.Require("sh", "-c", $"gzip -dc {folder}/kit-box-initrd.img | cpio -i --quiet --to-stdout {place}").ShouldBe("a loader");
        Tool.Require("unsquashfs", "-cat", $"{folder}/kit-box-squashfs.img", place).ShouldBe("a loader");
        Tool.Require("tar", "-xOf", $"{folder}/kit-box.esp.tar", "EFI/BOOT/BOOTX64.EFI").ShouldBe("a loader");
    }

    [Fact]
    public void A_network_boot_hands_over_the_whole_root()
    {
        using var repository = new LinuxKitRepository("[netboot, kernel+initrd]");
        var folder = repository.Build("out");
        Tool.Require("cmp", $"{folder}/kit-box.initrd.img", $"{folder}/kit-box-initrd.img");
        File.ReadAllText($"{folder}/kit-box.vmlinuz").ShouldBe("KERNEL");
        File.ReadAllText($"{folder}/kit-box.cmdline").Trim().ShouldBe(CommandLine);
        File.Exists($"{folder}/kit-box.squashfs").ShouldBeFalse();
    }

    /// <summary>Its root is in the program, so it wants no address; of the stub it is told when it is built.</summary>
    [Fact]
    public void A_program_for_uefi_wants_no_address()
    {
        using var repository = new LinuxKitRepository("[{kind: netboot, efi: true}]");
        repository.Run("validate").ExitCode.ShouldBe(0);
        var run = repository.Run("build", "-o", "out");
        run.ExitCode.ShouldBe(4, run.Output);
        run.Output.ShouldContain("images/kit/image.yaml:4:");
        run.Output.ShouldContain("error PL4983: the source has no /usr/lib/systemd/boot/efi/linuxx64.efi.stub");
    }

    /// <summary>The root is the initrd, and may hold what makes another one dracut's.</summary>
    [Fact]
    public void A_system_is_not_taken_for_the_initrd_whose_files_it_holds()
    {
        using var repository = new LinuxKitRepository("[netboot]");
        repository.Write("images/kit/system.yml", LinuxKitRepository.System + "  - {path: usr/sbin/dmsquash-live-root, contents: x}\n");
        File.ReadAllText(repository.Build("out") + "/kit-box.cmdline").Trim().ShouldBe(CommandLine);
    }

    [Fact]
    public void The_files_of_a_container_are_in_the_root()
    {
        using var repository = new LinuxKitRepository("[kernel+initrd]");
        var folder = repository.Build("out");
        var config = Tool.Require("sh", "-c", $"gzip -dc {folder}/kit-box-initrd.img | cpio -i --quiet --to-stdout containers/services/main/config.json | python3 -c 'import json, sys; print(json.load(sys.stdin)[\"process\"][\"args\"])'");
        config.ShouldBe("['/bin/main']\n");
    }

    /// <summary>The digests are those of the source, and skopeo reads it.</summary>
    [Fact]
    public void A_volume_can_hold_an_image_as_it_is()
    {
        using var repository = new LinuxKitRepository("[kernel+initrd]");
        repository.Write("images/kit/system.yml", LinuxKitRepository.System.Replace("image: oci:layout:tools, readonly: true", "image: oci:layout:tools, readonly: true, format: oci", StringComparison.Ordinal));
        var folder = repository.Build("out");
        Directory.CreateDirectory(repository["root"]);
        Tool.Require("sh", "-c", $"cd {repository["root"]} && gzip -dc {folder}/kit-box-initrd.img | cpio -idm --quiet 'containers/volumes/*'");
        var volume = repository["root/containers/volumes/data"];
        Directory.Exists(volume + "/tmp").ShouldBeFalse();
        var original = Tool.Require("skopeo", "inspect", "--raw", $"oci:{repository["images/kit/layout"]}:tools");
        Tool.Require("skopeo", "inspect", "--raw", $"oci:{volume}/lower").ShouldBe(original);
        Tool.Require("skopeo", "copy", "--quiet", $"oci:{volume}/lower", $"dir:{repository["copy"]}");
        Damage.FlipBit(Directory.GetFiles(volume + "/lower/blobs/sha256").OrderBy(f => new FileInfo(f).Length).First(), 10);
        Tool.Run("skopeo", "copy", "--quiet", $"oci:{volume}/lower", $"dir:{repository["damaged"]}").ExitCode.ShouldNotBe(0);
        repository.Write("images/kit/system.yml", LinuxKitRepository.System.Replace("image: oci:layout:tools, readonly: true", "image: tar:layout.tar, readonly: true, format: oci", StringComparison.Ordinal));
        File.WriteAllBytes(repository["images/kit/layout.tar"], OciLayoutWriter.TarOf(("x", "y")));
        repository.Run("build", "-o", "out").Output.ShouldContain("error PL3342");
    }

    [Fact]
    public void Two_builds_on_different_core_counts_are_equal()
    {
        using var repository = new LinuxKitRepository("[disk, kernel+initrd, tar-kernel-initrd, kernel+squashfs]");
        var one = Hashes(repository.Build("one", "1"));
        var four = Hashes(repository.Build("four", "4"));
        four.ShouldBe(one);
        one.Count.ShouldBe(9);
        repository.WriteContainers("tools");
        Hashes(repository.Build("changed")).ShouldNotBe(one);
    }

    [Fact]
    public void Everything_that_decides_makes_the_system_stale_by_its_own_name()
    {
        using var repository = new LinuxKitRepository("[kernel+initrd]");
        var run = repository.Run("reconcile");
        run.ExitCode.ShouldBe(0, run.Output);
        foreach (var (changed, reasons) in new[]
        {
            ("kernel", "linuxkit.kernel"), ("init", "linuxkit.init[0]"), ("main", "linuxkit.services[main]"), ("tools", "linuxkit.onboot[000-first] linuxkit.volumes[data]"),
        })
        {
            repository.WriteContainers(changed);
            Reasons(repository).ShouldBe(reasons);
        }
        repository.WriteContainers();
        foreach (var (file, old, replacement, reason) in new[]
        {
            ("images/kit/motd", "hello", "bye", "linuxkit.files[0][/etc/motd].content"),
            ("images/kit/system.yml", "/bin/tool", "/bin/other", "linuxkit.onboot[000-first].config"),
            ("images/kit/system.yml", "console=ttyS0", "console=tty0", "linuxkit.kernel.config"),
            ("images/kit/system.yml", "onboot:", "# a comment\nonboot:", ""),
            ("images/kit/system.yml", "mode: \"0644\"", "mode: \"0600\"", "linuxkit.files[0][/etc/motd]"),
        })
        {
            var text = File.ReadAllText(repository[file]);
            text.ShouldContain(old);
            repository.Write(file, text.Replace(old, replacement, StringComparison.Ordinal));
            Reasons(repository).ShouldBe(reason, replacement);
            repository.Write(file, text);
        }
    }

    [Fact]
    public void Variants_of_32_bit_Arm_are_chosen_like_for_any_image()
    {
        using var repository = new LinuxKitRepository("[kernel+initrd]", "linux/arm/v6");
        Tool.Require("sh", "-c", $"gzip -dc {repository.Build("out")}/kit-box-initrd.img | cpio -it --quiet").ShouldContain("init");
        repository.Write("boards/box.yaml", File.ReadAllText(repository["boards/box.yaml"]).Replace("linux/arm/v6", "linux/arm64", StringComparison.Ordinal));
        var refused = repository.Run("build", "-o", "out");
        refused.ExitCode.ShouldBe(1);
        refused.Output.ShouldContain("images/kit/system.yml:1:17: error PL2044");
    }

    [Theory]
    [InlineData("[{kind: live, persistence: 1GiB}]", "PL1075")]
    [InlineData("[{kind: netboot, root: squashfs}]", "PL1171")]
    [InlineData("[{kind: kernel+initrd, bmap: true}]", "PL1075")]
    [InlineData("[live, raw-efi]", "PL1033")]
    [InlineData("[iso-efi, iso-bios]", "PL1033")]
    public void Outputs_that_mean_nothing_are_told(string outputs, string code)
    {
        using var repository = new LinuxKitRepository(outputs);
        var run = repository.Run("validate");
        run.ExitCode.ShouldBe(1);
        run.Output.ShouldContain($"images/kit/image.yaml:4:");
        run.Output.ShouldContain($"error {code}:");
    }

    [Fact]
    public void An_output_of_LinuxKit_wants_a_source_of_LinuxKit_and_a_board()
    {
        using var repository = new LinuxKitRepository("[kernel+initrd]");
        var manifest = File.ReadAllText(repository["images/kit/image.yaml"]);
        repository.Write("images/kit/image.yaml", manifest.Replace("linuxkit:system.yml", "oci:layout:init", StringComparison.Ordinal));
        repository.Run("validate").Output.ShouldContain("images/kit/image.yaml:4:11: error PL1170: an output of kind kernel+initrd is made of a LinuxKit source only");
        repository.Write("images/kit/image.yaml", manifest.Replace("[box]", "[from-container]", StringComparison.Ordinal));
        repository.Run("validate").Output.ShouldContain("images/kit/image.yaml:3:10: error PL3320");
    }

    [Fact]
    public void One_command_builds_without_a_repository()
    {
        using var repository = new LinuxKitRepository("[disk]");
        var run = repository.Run("build", "--from", "linuxkit:images/kit/system.yml", "--board", "boards/box.yaml", "-o", "disk.img");
        run.ExitCode.ShouldBe(0, run.Output);
        PartitionTableJudge.Complaints(repository["disk.img"]).ShouldBeEmpty();
        repository.Run("build", "--from", "linuxkit:images/kit/system.yml", "--platform", "linux/amd64", "--as", "directory", "-o", "root").ExitCode.ShouldBe(0);
        File.ReadAllText(repository["root/etc/motd"]).ShouldBe("hello");
        repository.Run("build", "--from", "linuxkit:images/kit/none.yml", "--board", "boards/box.yaml", "-o", "disk.img").Output.ShouldContain("error PL3301: there is no file 'images/kit/none.yml'");
    }

    /// <summary>Why the plan wants to build; empty where it does not.</summary>
    private static string Reasons(LinuxKitRepository repository)
    {
        var run = repository.Run("plan", "--json");
        run.ExitCode.ShouldBeOneOf([0, 2], run.Output);
        return string.Join(' ', run.Stdout.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => global::System.Text.Json.JsonDocument.Parse(l).RootElement)
            .Where(o => o.TryGetProperty("because", out _)).SelectMany(o => o.GetProperty("because").EnumerateArray()).Select(b => b.GetProperty("input").GetString()));
    }

    private static List<string> Hashes(string folder) =>
    [
        .. Directory.GetFiles(folder).Where(f => Path.GetFileName(f).StartsWith("kit-", StringComparison.Ordinal)).Order(StringComparer.Ordinal)
            .Select(f => $"{Path.GetFileName(f)} {Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(f)))}"),
    ];
}
