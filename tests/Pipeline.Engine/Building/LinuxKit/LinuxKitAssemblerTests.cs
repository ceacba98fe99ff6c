using System.Collections.Immutable;
using System.Text;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Core.Units;
using Pipeline.Engine.Manifests.LinuxKit;
using Pipeline.Kit;
using Pipeline.Oci.Platforms;
using Pipeline.Oci.Sources;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Building.LinuxKit;

public sealed class LinuxKitAssemblerTests
{
    private const string System = """
        kernel: {image: k, cmdline: console=ttyS0, ucode: ucode.cpio}
        init: [init, init2]
        volumes:
          - {name: data}
          - {name: fixed, image: tools, readonly: true}
        onboot:
          - {name: first, image: tools}
          - {name: again, image: tools, readonly: true}
        onshutdown:
          - {name: last, image: other, readonly: true}
        services:
          - {name: again, image: tools}
          - {name: also, image: other}
        files:
          - {path: etc/made/deep/file, contents: text, mode: "0640", uid: also, gid: 7}
          - {path: /etc/dir, directory: true}
          - {path: etc/link, symlink: /run/x}
          - {path: etc/hosts, contents: mine, mode: "0644"}

        """;

    private readonly Dictionary<string, (PlatformImage Image, FileTree Tree)> _images = new(StringComparer.Ordinal)
    {
        ["k"] = Image("k", ("kernel", "KERNEL"), ("ucode.cpio", "070701ucode"), ("System.map", "no")),
        ["init"] = Image("init", ("init", "#!init"), ("lib/apk/db/installed", "P:a\n"), ("etc/hosts", "old"), ("etc/hostname", "builder"), (".dockerenv", ""), ("dev/console", "")),
        ["init2"] = Image("init2", ("sbin/init", "second"), ("lib/apk/db/installed", "P:b\n"), ("Dockerfile", "")),
        ["tools"] = Image("tools", ("bin/tool", "T"), ("etc/resolv.conf", "old")),
        ["other"] = Image("other", ("bin/other", "O")),
    };

    public LinuxKitAssemblerTests() => _images["k"].Tree.Set("/kernel.tar", Tar(("lib/modules/6.1/x.ko", "M"), ("boot/dtb/a.dtb", "D")));

    [Fact]
    public void The_root_has_the_layout_that_init_reads() => Golden.Match("system.tree", Assemble(System).Root.ToListing());

    [Fact]
    public void What_init_mounts_is_said_for_each_container()
    {
        var root = Assemble(System).Root;
        Golden.Match("runtime.json", string.Concat(root.Walk().Where(n => n.Path.EndsWith("/runtime.json", StringComparison.Ordinal)).Select(n => $"{n.Path}\n{Text(root, n.Path)}\n")));
    }

    [Fact]
    public void Kernel_microcode_and_arguments_stay_out_of_the_root()
    {
        var system = Assemble(System);
        Text(system.Kernel.Kernel).ShouldBe("KERNEL");
        system.Kernel.Microcode!.Value.LengthBytes.ShouldBe(11);
        system.CommandLine.ShouldBe("console=ttyS0");
        system.KernelVersion.ShouldBe("6.1");
        system.Root.Find("/kernel").ShouldBeNull();
        system.Root.Find("/System.map").ShouldBeNull();
        system.Root.Find("/boot/dtb/a.dtb").ShouldNotBeNull();
    }

    [Fact]
    public void Equal_images_are_stored_once_whatever_they_are_called()
    {
        _images["copy"] = _images["tools"];
        var root = Assemble(System.Replace("{name: again, image: tools}", "{name: again, image: copy}", StringComparison.Ordinal)).Root;
        root.Walk().Count(n => n.Path.EndsWith("/bin/tool", StringComparison.Ordinal) && n.Path.StartsWith("/containers/onboot", StringComparison.Ordinal)).ShouldBe(1);
        root.Walk().ShouldNotContain(n => n.Path.StartsWith("/containers/services/again/lower", StringComparison.Ordinal));
        Text(root, "/containers/services/again/runtime.json").ShouldContain("\"lowerdir=/containers/onboot/000-first/lower\"");
        Text(root, "/containers/onboot/001-again/runtime.json").ShouldContain("\"source\": \"/containers/onboot/000-first/lower\"");
    }

    [Fact]
    public void Files_come_last_and_parents_can_be_entered()
    {
        var root = Assemble(System).Root;
        Text(root, "/etc/hosts").ShouldBe("mine");
        Node(root, "/etc/made/deep/file").ShouldBe("640 104:7");
        Node(root, "/etc/made/deep").ShouldBe("750 104:7");
        Node(root, "/etc/dir").ShouldBe("700 0:0");
        Node(root, "/etc").ShouldBe("755 0:0");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Modules_are_found_where_lib_is_a_link(bool linkComesFirst)
    {
        var merged = Image("merged", ("usr/lib/libc.so", "c"), ("init", ""));
        merged.Tree.Set("/lib", new SymbolicLink { Target = "usr/lib"u8.ToArray() });
        _images["merged"] = merged;
        // With an empty list the modules come before all init images, as always; behind the link comes what init2 has in /lib.
        var root = Assemble(System.Replace("[init, init2]", linkComesFirst ? "[merged, init2]" : "[init2, merged]", StringComparison.Ordinal)).Root;
        root.Find("/lib", followLast: false).ShouldBeOfType<SymbolicLink>();
        root.Find("/lib/modules/6.1/x.ko").ShouldNotBeNull();
        root.Find("/usr/lib/apk/db/installed").ShouldNotBeNull();
        root.Find("/usr/lib/libc.so").ShouldNotBeNull();
    }

    [Fact]
    public void Assembling_changes_no_image()
    {
        var before = _images["tools"].Tree.ToListing();
        Assemble(System);
        _images["tools"].Tree.ToListing().ShouldBe(before);
    }

    [Fact]
    public void A_kernel_of_a_distribution_is_taken_with_its_modules()
    {
        _images["k"] = Image("k", ("usr/lib/modules/6.9/vmlinuz", "V"), ("usr/lib/modules/6.9/kernel/y.ko", "Y"), ("ucode.cpio", "070701"));
        var system = Assemble(System);
        Text(system.Kernel.Kernel).ShouldBe("V");
        system.Root.Find("/lib/modules/6.9/kernel/y.ko").ShouldNotBeNull();
    }

    public static TheoryData<string, string, string, string> Refusals => new()
    {
        { "binary: vmlinux", "cmdline: console=ttyS0", "cmdline: x, binary: vmlinux", "PL3330" },
        { "another tar", "cmdline: console=ttyS0", "cmdline: x, tar: modules.tar", "PL3332" },
        { "a tar that is none", "cmdline: console=ttyS0", "cmdline: x, tar: System.map", "PL3333" },
        { "no microcode", "ucode: ucode.cpio", "ucode: amd.cpio", "PL3334" },
        { "microcode that is none", "ucode: ucode.cpio", "ucode: kernel", "PL3335" },
        { "a file below a file", "path: etc/link", "path: etc/hosts/x", "PL3338" },
        { "no tar is wanted", "cmdline: console=ttyS0", "cmdline: x, tar: none", "" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public void What_does_not_fit_together_is_told(string what, string old, string replacement, string codes)
    {
        System.ShouldContain(old);
        var bag = new DiagnosticBag();
        TryAssemble(System.Replace(old, replacement, StringComparison.Ordinal), bag);
        string.Join(' ', bag.ToImmutable().Select(d => d.Rule.Code)).ShouldBe(codes, what + string.Join('\n', bag.ToImmutable()));
        bag.ToImmutable().ShouldAllBe(d => d.Span != null);
    }

    [Fact]
    public void Several_kernels_of_a_distribution_are_ambiguous()
    {
        _images["k"] = Image("k", ("usr/lib/modules/6.9/vmlinuz", "V"), ("usr/lib/modules/6.8/vmlinuz", "V"), ("ucode.cpio", "070701"));
        var bag = new DiagnosticBag();
        TryAssemble(System, bag).ShouldBeNull();
        bag.ToImmutable().ShouldHaveSingleItem().Message.ShouldContain("/usr/lib/modules/6.9/vmlinuz, /usr/lib/modules/6.8/vmlinuz");
    }

    [Fact]
    public void A_label_decides_like_the_file_and_is_judged_like_it()
    {
        _images["other"] = (_images["other"].Image with { Labels = Labels("""{"readonly": false, "binds": ["dta:/x"]}""") }, _images["other"].Tree);
        var bag = new DiagnosticBag();
        TryAssemble(System, bag).ShouldBeNull();
        bag.ToImmutable().Select(d => d.Rule.Code).ShouldBe(["PL3310", "PL3310"]);
    }

    [Fact]
    public void The_same_document_gives_the_same_tree() => Assemble(System).Root.ToListing().ShouldBe(Assemble(System).Root.ToListing());

    private LinuxKitSystem Assemble(string text)
    {
        var bag = new DiagnosticBag();
        var system = TryAssemble(text, bag);
        bag.ToImmutable().ShouldBeEmpty();
        return system!;
    }

    private LinuxKitSystem? TryAssemble(string text, DiagnosticBag bag)
    {
        var document = LinuxKitFiles.Parse(text);
        var images = document.Images.ToDictionary(i => i.Place, i =>
        {
            var (image, tree) = _images[i.Source.Text.Split('/')[^1]];
            return new UnpackedContainer(image, tree);
        });
        return new LinuxKitAssembler(document, images, bag).Assemble(TestContext.Current.CancellationToken);
    }

    private static ImmutableSortedDictionary<string, string> Labels(string label) =>
        ImmutableSortedDictionary<string, string>.Empty.Add(ContainerLabel.Name, label);

    private static (PlatformImage Image, FileTree Tree) Image(string name, params (string Path, string Text)[] files)
    {
        var tree = new FileTree();
        foreach (var (path, text) in files)
            tree.Set("/" + path, new RegularFile { Permissions = 0b110_100_100, Mtime = new(1000), Content = FileContent.Of(Encoding.UTF8.GetBytes(text)) });
        var digest = Digest.Sha256(Encoding.UTF8.GetBytes(name));
        var image = new PlatformImage(Platform.Of("linux", "amd64", null), digest, digest, digest, [], [], ImmutableSortedDictionary<string, string>.Empty, null)
        {
            Process = new(["/run-" + name], [], ""),
        };
        return (image, tree);
    }

    private static RegularFile Tar(params (string Path, string Text)[] files) =>
        new() { Content = FileContent.Of(OciLayoutWriter.TarOf(files)) };

    private static string Text(FileTree tree, string path) => Text((RegularFile)tree.Find(path)!);

    private static string Text(RegularFile file) => Encoding.UTF8.GetString(file.Content.ReadAll(1 << 20));

    private static string Node(FileTree tree, string path) =>
        tree.Find(path) is { } node ? $"{Convert.ToString(node.Permissions, 8)} {node.Uid}:{node.Gid}" : "nothing";
}
