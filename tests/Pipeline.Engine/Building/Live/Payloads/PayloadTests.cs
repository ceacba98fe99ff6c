using Pipeline.Kit;
using Shouldly;
using Xunit;
using Made = Pipeline.Kit.Initrds;

namespace Pipeline.Engine.Building.Live.Payloads;

/// <summary>An image inside a live system, from the manifest to what podman and skopeo find on the medium.</summary>
public sealed class PayloadTests : IDisposable
{
    private const string Name = "registry.example/team/box:1";
    private readonly TarRepository _repository = new();

    public PayloadTests()
    {
        var tree = new List<(string, string)> { ("usr/lib/modules/6.1/vmlinuz", "kernel"), ("boot/efi/EFI/some/grubx64.efi", "grub"), ("var/lib/containers/storage/storage.lock", "") };
        var tar = new TarBuilder();
        foreach (var (path, text) in tree)
            tar.File(path, text);
        tar.Add(new TarItem("usr/lib/modules/6.1/initramfs.img") { Content = Made.Packed("gzip -n", Made.Cpio(Made.DracutLive)) });
        Directory.CreateDirectory(_repository["images/kiosk"]);
        File.WriteAllBytes(_repository["images/kiosk/root.tar"], tar.ToArray());
        WritePayload("one");
    }

    public void Dispose() => _repository.Dispose();

    /// <summary>As the documentation has it: the packed root is mounted, and podman takes it as one more store.</summary>
    [Fact]
    public void Podman_finds_the_store_in_the_packed_root()
    {
        Write("{kind: iso, root: {type: squashfs, level: 1}, payload: {image: 'oci:../../payload:box', name: " + Name + "}}");
        var iso = Build();
        Tool.Require("xorriso", "-osirrox", "on", "-indev", iso, "-extract", "/LiveOS/squashfs.img", _repository["root.img"]);
        Directory.CreateDirectory(_repository["mounted"]);
        Tool.Require("mount", "-o", "loop,ro", _repository["root.img"], _repository["mounted"]);
        try
        {
            using var judge = new StoreJudge(_repository["mounted/var/lib/containers/storage"]);
            var seen = judge.Seen(Name);
            seen.ShouldContain("etc/kept f 644 0:0");
            seen.ShouldNotContain("etc/gone");
            seen.ShouldNotContain("hidden/below");
            seen.ShouldContain("hidden/above f");
        }
        finally
        {
            Tool.Require("umount", _repository["mounted"]);
        }
    }

    [Fact]
    public void A_layout_is_the_image_as_it_is_and_a_moved_one_makes_the_target_stale()
    {
        Write("{kind: live, root: {type: squashfs, level: 1}, rootIn: partition, payload: {image: 'oci:../../payload:box', name: " + Name + ", as: layout, path: /usr/share/payload}}");
        _repository.Pipeline.Run("reconcile").ExitCode.ShouldBe(0);
        _repository.Pipeline.Run("plan").Output.ShouldContain("1 target: 1 current");
        var disk = Directory.GetFiles(_repository["releases"], "*.live.img", SearchOption.AllDirectories).ShouldHaveSingleItem();
        var root = PartitionTableJudge.Read(disk).Partitions[^1];
        Tool.Require("dd", $"if={disk}", $"of={_repository["root.img"]}", "bs=512", $"skip={root.FirstLba}", $"count={root.SectorCount}", "status=none");
        Tool.Require("unsquashfs", "-q", "-n", "-d", _repository["root"], _repository["root.img"], "usr/share/payload");
        var before = Tool.Require("skopeo", "inspect", "--raw", $"oci:{_repository["payload"]}:box");
        Tool.Require("skopeo", "inspect", "--raw", $"oci:{_repository["root/usr/share/payload"]}:{Name}").ShouldBe(before);
        Tool.Require("skopeo", "--insecure-policy", "copy", "-q", $"oci:{_repository["root/usr/share/payload"]}:{Name}", $"dir:{_repository["taken"]}");

        WritePayload("two");

        var plan = _repository.Pipeline.Run("plan").Output;
        plan.ShouldContain("live.payload.image sha256:");
        plan.ShouldNotContain("source.manifest");
    }

    [Fact]
    public void Two_builds_are_equal_to_the_byte()
    {
        Write("{kind: iso, root: {type: squashfs, level: 1}, payload: {image: 'oci:../../payload:box', name: " + Name + "}}");
        File.Move(Build(), _repository["first.iso"]);
        Tool.Run("cmp", _repository["first.iso"], Build("--parallel", "1")).Output.ShouldBeEmpty();
    }

    [Fact]
    public void A_place_that_is_taken_is_not_overwritten()
    {
        Write("{kind: iso, payload: {image: 'oci:../../payload:box', name: " + Name + ", path: /usr/lib/modules}}");
        var built = _repository.Pipeline.Run("build", "kiosk", "-o", "out");
        built.ExitCode.ShouldNotBe(0);
        built.Output.ShouldContain("PL4952");
    }

    [Fact]
    public void Docker_s_documents_are_no_layout()
    {
        WritePayload("one", isDocker: true);
        Write("{kind: iso, root: {type: squashfs, level: 1}, payload: {image: 'oci:../../payload:box', name: " + Name + ", as: layout}}");
        _repository.Pipeline.Run("build", "kiosk", "-o", "out").Output.ShouldContain("PL4954");
    }

    private void Write(string output) => _repository
        .Write("boards/box.yaml", TarRepository.BoardText)
        .Write("images/kiosk/image.yaml", $"description: A kiosk\nsource: tar:root.tar\nboards: [box]\noutputs: [{output}]\n");

    private string Build(params string[] more)
    {
        var built = _repository.Pipeline.Run(["build", "kiosk", "-o", "out", .. more]);
        built.ExitCode.ShouldBe(0, built.Output);
        return Directory.GetFiles(_repository["out/kiosk"], "*.iso").ShouldHaveSingleItem();
    }

    private void WritePayload(string text, bool isDocker = false)
    {
        if (Directory.Exists(_repository["payload"]))
            Directory.Delete(_repository["payload"], recursive: true);
        var writer = new OciLayoutWriter(_repository["payload"]) { IsDocker = isDocker };
        var lower = new TarBuilder().Directory("etc").File("etc/kept", text).File("etc/gone", "x").Directory("hidden").File("hidden/below", "x");
        var upper = new TarBuilder().Whiteout("etc/gone").Directory("hidden").Opaque("hidden").File("hidden/above", "y");
        writer.Tag("box", writer.AddImage("linux/amd64", [writer.AddLayer(lower.ToArray()), writer.AddLayer(upper.ToArray())]));
    }
}
