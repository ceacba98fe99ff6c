using System.Diagnostics;
using System.Text;
using Pipeline.Core.Units;
using Shouldly;

namespace Pipeline.Kit;

/// <summary>
/// A container as the Debian example of the container-native ISO contract has it, made of Debian's packages: a layer for the
/// system, and one a step of the example. Its initrd is dracut's own. Kept beside the build's artifacts; tests read it and never write.
/// </summary>
public static class ContractContainer
{
    private const string Maker = "2";

    /// <summary>What the volume is called, by the container's own words.</summary>
    public const string Label = "Debian-Example";

    private static readonly SemaphoreSlim OneAtATime = new(1);

    private static readonly DebianPackages Signed = new("bookworm", "amd64", "shim-signed", "shim-helpers-amd64-signed", "grub-efi-amd64-signed");

    /// <summary>Of the contract's first version; arguments as dracut's manual has them. The last two are the tests' own.</summary>
    private const string IsoYaml = """
        label: "Debian-Example"
        grub2:
          default: 1
          timeout: 1
          entries:
            - name: "Not this one"
              linux: "/images/pxeboot/nothing"
              initrd: "/images/pxeboot/nothing"
            - name: "Debian's example, version ${version}"
              linux: "/images/pxeboot/vmlinuz root=live:CDLABEL=${isolabel} rd.live.image rd.live.overlay.overlayfs=1 enforcing=0 console=ttyS0 panic=-1"
              initrd: "/images/pxeboot/initrd.img"

        """;

    private const string Bootc = """
        #!/bin/sh
        [ "$1 $2" = "install print-configuration" ] || { echo "this program only prints its configuration" >&2; exit 1; }
        echo '{"filesystem": {"root": {"type": "xfs"}}}'

        """;

    /// <returns>A source: <c>oci:DIR:example</c>.</returns>
    public static async Task<string> SourceAsync(CancellationToken ct)
    {
        var (system, initrd) = (await LiveContainers.TarAsync("linux/amd64", ct), await DracutInitrd.ContractAsync(ct));
        var key = Digest.Sha256(Encoding.UTF8.GetBytes($"{Path.GetFileName(system)} {Path.GetFileName(initrd)} {Maker} {Bootc} {IsoYaml}")).Short;
        var folder = Path.Combine(Path.GetDirectoryName(system)!, "contract-" + key);
        await OneAtATime.WaitAsync(ct);
        try
        {
            if (!Directory.Exists(folder))
                await Task.Run(() => Make(system, initrd, folder), ct);
            return $"oci:{folder}:example";
        }
        finally
        {
            OneAtATime.Release();
        }
    }

    private static void Make(string system, string initrd, string folder)
    {
        using var temp = new TempDir();
        var version = Tool.Require("tar", "-tf", system, "--wildcards", "./usr/lib/modules/*/vmlinuz").Trim().Split('/')[4];
        Tool.Require("tar", "-xf", system, "-C", temp.Path, $"./usr/lib/modules/{version}/vmlinuz", "./usr/lib/os-release");
        var kernel = File.ReadAllBytes(temp[$"usr/lib/modules/{version}/vmlinuz"]);
        var writer = new OciLayoutWriter(temp["layout"]);
        WrittenLayer Step(TarBuilder tar) => writer.AddLayer(tar.ToArray());
        var image = writer.AddImage("linux/amd64", [
            // The system without what its own kit lays where the example has nothing.
            writer.AddLayer(File.ReadAllBytes(system), Packing.None),
            Step(new TarBuilder().Whiteout("boot/efi/EFI/BOOT").Whiteout("usr/lib/shim").Whiteout("usr/lib/systemd/boot")),
            Step(new TarBuilder().File("usr/bin/bootc", Bootc, 0b111_101_101)),
            Step(new TarBuilder().Add(new TarItem($"boot/vmlinuz-{version}") { Content = kernel }).SymbolicLink("vmlinuz", $"boot/vmlinuz-{version}")
                .Add(new TarItem($"usr/lib/modules/{version}/vmlinuz") { Content = kernel })),
            Step(new TarBuilder().Add(new TarItem($"usr/lib/modules/{version}/initramfs.img") { Content = File.ReadAllBytes(initrd), Mode = 0b110_000_000 })),
            Step(Loaders()),
            Step(new TarBuilder().File("usr/lib/os-release", File.ReadAllText(temp["usr/lib/os-release"]) + "VERSION_ID=42\n")),
            Step(new TarBuilder().SymbolicLink("usr/bin/grub2-mkimage", "/usr/bin/grub-mkimage")),
            Step(new TarBuilder().File("usr/lib/bootc-image-builder/iso.yaml", IsoYaml)),
        ]);
        writer.Tag("example", image);
        var staged = $"{folder}.{Environment.ProcessId}";
        Tool.Require("cp", "-r", temp["layout"], staged);
        if (!Directory.Exists(folder))
            Directory.Move(staged, folder);
    }

    /// <summary>The vendor's name is that of an empty folder, the programs lie where the installed system has them.</summary>
    private static TarBuilder Loaders()
    {
        TarItem Program(string name, string path) => new("boot/efi/EFI/debian/" + name) { Content = Signed.Read(path).ShouldNotBeNull(path), Mode = 0b111_000_000 };

        return new TarBuilder().Directory("usr/lib/efi/shim/version_placeholder/EFI/debian").Directory("boot/efi/EFI/debian")
            .Add(Program("shimx64.efi", "/usr/lib/shim/shimx64.efi.signed")).Add(Program("mmx64.efi", "/usr/lib/shim/mmx64.efi.signed"))
            .Add(Program("gcdx64.efi", "/usr/lib/grub/x86_64-efi-signed/gcdx64.efi.signed"));
    }
}
