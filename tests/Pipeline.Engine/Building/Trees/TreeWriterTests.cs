using System.Diagnostics;
using System.Text;
using Pipeline.Core.Files;
using Pipeline.Core.Reporting;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Building.Trees;

public sealed class TreeWriterTests : IDisposable
{
    private const string Nobody = "65534";
    private static readonly UnixTime Then = new(1_700_000_000, 123_456_789);
    private static readonly IActivity Silent = SilentReporter.Instance.Begin("", null);
    private readonly TempDir _temp = new();

    public void Dispose()
    {
        Tool.Run("chmod", "-R", "u+rwX", _temp.Path);
        _temp.Dispose();
    }

    /// <summary>find, stat and getfattr tell what the kernel has; the tree says what it should be. Only root can set it all.</summary>
    [Fact]
    public void As_root_everything_is_kept()
    {
        Tool.Require("id", "-u").Trim().ShouldBe("0", "this test sets owners and makes devices: run it as root");
        var lost = TreeWriter.Write(Tree(), _temp.Path, "root", Silent, CancellationToken.None);

        lost.ShouldBeEmpty();
        var root = _temp["root"];
        Tool.Require("sh", "-c", $"cd {root} && find . -mindepth 1 -printf '%P %y %m %U:%G %T@ %n %l\\n' | LC_ALL=C sort").ShouldBe("""
            dir d 555 5:6 1700000000.1234567890 2 
            dir/file f 4755 1000:1001 1700000000.1234567890 2 
            dir/hard f 4755 1000:1001 1700000000.1234567890 2 
            fifo p 600 0:0 1700000000.1234567890 1 
            link l 777 7:8 1700000000.1234567890 1 /etc/passwd
            null c 666 0:0 1700000000.1234567890 1 
            sda b 660 0:6 1700000000.1234567890 1 
            sparse f 644 0:0 1700000000.1234567890 1 

            """.Replace("\r", "", StringComparison.Ordinal));
        Tool.Require("stat", "-c", "%t:%T", Path.Combine(root, "null")).Trim().ShouldBe("1:3");
        Tool.Require("stat", "-c", "%t:%T", Path.Combine(root, "sda")).Trim().ShouldBe("8:104", "minor 260: beyond eight bits");
        Tool.Require("stat", "-c", "%a %Y", root).Trim().ShouldBe("755 1700000000");
        Tool.Require("getcap", Path.Combine(root, "dir/file")).ShouldContain("cap_net_raw=ep");
        Tool.Require("getfattr", "-n", "user.note", "--only-values", Path.Combine(root, "dir")).ShouldBe("hi");
        File.ReadAllText(Path.Combine(root, "dir/hard")).ShouldBe("hello");
        var blocks = long.Parse(Tool.Require("stat", "-c", "%b", Path.Combine(root, "sparse")).Trim(), null);
        new FileInfo(Path.Combine(root, "sparse")).Length.ShouldBe(1 << 30);
        blocks.ShouldBeLessThan(100, "a hole stays one");
    }

    /// <summary>The links of the image point at the host; what lies behind them there must not change.</summary>
    [Fact]
    public void Nothing_is_ever_written_through_a_link()
    {
        Directory.CreateDirectory(_temp["host"]);
        File.WriteAllText(_temp["host/file"], "precious");
        var before = Tool.Require("sh", "-c", $"cd {_temp["host"]} && stat -c '%n %a %u %Y' . file");
        var tree = new FileTree();
        tree.Root.Set(FileName.Of("a"), new SymbolicLink { Target = Encoding.UTF8.GetBytes(_temp["host"]), Mtime = Then, Uid = 5 });
        tree.Root.Set(FileName.Of("b"), new SymbolicLink { Target = Encoding.UTF8.GetBytes(_temp["host/file"]), Permissions = 0, Uid = 5, Xattrs = [new("trusted.x", [1])] });
        tree.Root.Set(FileName.Of("c"), new SymbolicLink { Target = Encoding.UTF8.GetBytes("../host/new") });

        TreeWriter.Write(tree, _temp.Path, "root", Silent, CancellationToken.None);

        Tool.Require("sh", "-c", $"cd {_temp["host"]} && stat -c '%n %a %u %Y' . file").ShouldBe(before);
        Directory.GetFiles(_temp["host"]).Length.ShouldBe(1);
        Should.Throw<IOException>(() => TreeWriter.Write(tree, _temp.Path, "root", Silent, CancellationToken.None), "what is there is not written over");
        File.CreateSymbolicLink(_temp["other"], _temp["host"]);
        Should.Throw<IOException>(() => TreeWriter.Write(tree, _temp.Path, "other", Silent, CancellationToken.None));
        Directory.GetFiles(_temp["host"]).Length.ShouldBe(1);
    }

    /// <summary>The whole way, as an ordinary user: one warning counts what was not possible.</summary>
    [Fact]
    public void An_ordinary_user_gets_what_is_possible_and_a_count_of_the_rest()
    {
        var tar = new TarBuilder().Directory("etc", 0b101_101_101).File("etc/motd", "hello")
            .Add(new TarItem("dev/null", '3') { Major = 1, Minor = 3 })
            .Add(new TarItem("bin/su") { Content = "su"u8.ToArray(), Mode = 0b100_111_101_101 })
            .Add(new TarItem("bin/ping") { Content = "ping"u8.ToArray(), Xattrs = [("security.capability", [1, 0, 0, 2, 0, 32, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])] });
        File.WriteAllBytes(_temp["root.tar"], tar.ToArray());
        var writer = new OciLayoutWriter(_temp["layout"]);
        writer.Tag("a", writer.AddImage("linux/arm64", [writer.AddLayer(tar.ToArray())]));
        Tool.Require("chmod", "-R", "a+rwX", _temp.Path);

        var result = Tool.Run(new ProcessStartInfo("setpriv",
            ["--reuid", Nobody, "--regid", Nobody, "--clear-groups", "env", $"XDG_CACHE_HOME={_temp["cache"]}", "HOME=/nonexistent", PipelineProcess.Dotnet, PipelineProcess.CopyTo(_temp["program"]),
             "build", "--from", "oci:layout:a", "--as", "directory", "-o", "out"])
        { WorkingDirectory = _temp.Path });

        result.ExitCode.ShouldBe(0, result.Output);
        result.Stderr.ShouldContain("warning PL4091: not everything could be kept in 'oci:layout:a': 7 owners, 1 device, 1 extended attribute; run as root to keep all");
        Tool.Require("stat", "-c", "%a %u", _temp["out/bin/su"]).Trim().ShouldBe($"755 {Nobody}", "no program becomes set-uid to somebody else");
        Tool.Require("stat", "-c", "%a", _temp["out/etc"]).Trim().ShouldBe("555");
        File.ReadAllText(_temp["out/etc/motd"]).ShouldBe("hello");
        File.Exists(_temp["out/dev/null"]).ShouldBeFalse();
        Directory.EnumerateFileSystemEntries(_temp.Path, ".pipeline-scratch*").ShouldBeEmpty();
    }

    [Fact]
    public void A_directory_takes_no_words_about_disks_and_replaces_nothing()
    {
        var writer = new OciLayoutWriter(_temp["layout"]);
        writer.Tag("a", writer.AddImage("linux/arm64", [writer.AddLayer(("etc/motd", "hello"))]));
        var pipeline = new PipelineCommand(_temp.Path);
        pipeline.Run("build", "--from", "oci:layout:a", "--as", "directory", "-o", "out", "--hostname", "x").ExitCode.ShouldBe(2);
        pipeline.Run("build", "--from", "oci:layout:a", "--as", "tarball", "-o", "out").ExitCode.ShouldBe(2);
        pipeline.Run("build", "--from", "oci:layout:a", "--as", "directory", "-o", "layout").ExitCode.ShouldBe(2, "it is not empty");
        Directory.CreateDirectory(_temp["out"]);
        pipeline.Run("build", "--from", "oci:layout:a", "--as", "directory", "-o", "out").ExitCode.ShouldBe(0, "an empty one is taken");
        Directory.EnumerateFileSystemEntries(_temp["out"], "*", SearchOption.AllDirectories).Select(p => Path.GetRelativePath(_temp["out"], p))
            .Order(StringComparer.Ordinal).ToArray().ShouldBe(["etc", "etc/motd"], "as the source has it: nothing is added");
    }

    private static FileTree Tree()
    {
        var tree = new FileTree();
        tree.Root.Mtime = new(1_700_000_000);
        void Set(string path, FileNode node, ushort mode, uint uid = 0, uint gid = 0)
        {
            (node.Permissions, node.Uid, node.Gid, node.Mtime) = (mode, uid, gid, Then);
            tree.Set(path, node);
        }
        Set("/dir", new DirectoryNode { Xattrs = [new("user.note", "hi"u8.ToArray())] }, 0b101_101_101, 5, 6);
        var file = new RegularFile { Content = FileContent.Of("hello"u8.ToArray()), Xattrs = [new("security.capability", [1, 0, 0, 2, 0, 32, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])] };
        Set("/dir/file", file, 0b100_111_101_101, 1000, 1001);
        tree.Set("/dir/hard", file);
        Set("/link", new SymbolicLink { Target = "/etc/passwd"u8.ToArray() }, 0b111_111_111, 7, 8);
        Set("/null", new SpecialFile { Kind = SpecialKind.CharacterDevice, Major = 1, Minor = 3 }, 0b110_110_110);
        Set("/sda", new SpecialFile { Kind = SpecialKind.BlockDevice, Major = 8, Minor = 260 }, 0b110_110_000, 0, 6);
        Set("/fifo", new SpecialFile { Kind = SpecialKind.Fifo }, 0b110_000_000);
        Set("/sparse", new RegularFile { Content = FileContent.Sparse(new MemorySource("data"u8.ToArray()), 1 << 30, [new(1 << 20, 4, 0)]) }, 0b110_100_100);
        return tree;
    }
}
