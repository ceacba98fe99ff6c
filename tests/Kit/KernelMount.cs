using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Pipeline.Core.Files;
using Shouldly;

namespace Pipeline.Kit;

/// <summary>
/// Compares an ext4 image with its tree through the kernel: everything that debugfs shows, and values of attributes, raw names
/// and holes. Mounting is a privilege, so this is a second opinion only: every test that asks it asks another judge too.
/// </summary>
public static class KernelMount
{
    /// <summary>Prints one line a file: what lstat, lgetxattr and SEEK_DATA say.</summary>
    private const string Lister = """
        import os, sys, stat, hashlib
        root = sys.argv[1].encode()
        def data(fd, size):
            runs, at = [], 0
            while at < size:
                try: start = os.lseek(fd, at, os.SEEK_DATA)
                except OSError: break
                at = os.lseek(fd, start, os.SEEK_HOLE)
                runs.append('%d-%d' % (start, at))
            return ','.join(runs)
        def line(path, name):
            s = os.lstat(path)
            size, detail = 0, ''
            if stat.S_ISREG(s.st_mode):
                size = s.st_size
                with open(path, 'rb') as f:
                    detail = data(f.fileno(), size)
                    os.lseek(f.fileno(), 0, os.SEEK_SET)
                    h = hashlib.sha256()
                    if size < 1 << 28:
                        while b := f.read(1 << 20): h.update(b)
                        detail += ' ' + h.hexdigest().upper()
            elif stat.S_ISLNK(s.st_mode): detail = os.readlink(path).hex().upper()
            elif s.st_rdev: detail = '%d:%d' % (os.major(s.st_rdev), os.minor(s.st_rdev))
            x = sorted(n + '=' + os.getxattr(path, n, follow_symlinks=False).hex().upper() for n in os.listxattr(path, follow_symlinks=False))
            print(name.hex().upper(), '%o' % s.st_mode, s.st_uid, s.st_gid, 0 if stat.S_ISDIR(s.st_mode) else s.st_nlink, size, s.st_mtime_ns, detail, ';'.join(x))
        def walk(path, name):
            line(path, name)
            if stat.S_ISDIR(os.lstat(path).st_mode):
                for n in os.listdir(path): walk(path + b'/' + n, name + b'/' + n)
        for n in os.listdir(root):
            if n != b'lost+found': walk(root + b'/' + n, b'/' + n)
        """;

    /// <summary>Where mounting is not permitted nothing is said; a mount that the kernel refuses for another reason is a failure.</summary>
    public static void ShouldHold(string image, FileTree tree)
    {
        using var dir = new TempDir();
        Directory.CreateDirectory(dir["m"]);
        var mounted = Tool.Run("mount", "-t", "ext4", "-o", "loop,ro", image, dir["m"]);
        if (mounted.ExitCode != 0 && IsRefusal(mounted.Output))
            return;
        mounted.ExitCode.ShouldBe(0, mounted.Output);
        try
        {
            var listed = Tool.Run(new ProcessStartInfo("python3", ["-", dir["m"]]), Lister);
            listed.ExitCode.ShouldBe(0, listed.Stderr);
            var actual = listed.Stdout.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal);
            var expected = Expect(tree).Order(StringComparer.Ordinal);
            string.Join('\n', actual).ShouldBe(string.Join('\n', expected));
        }
        finally
        {
            Tool.Require("umount", dir["m"]);
        }
    }

    private static bool IsRefusal(string output) =>
        !File.Exists("/dev/loop-control") || new[] { "superuser", "ermission denied", "not permitted", "loop device" }.Any(output.Contains);

    private static IEnumerable<string> Expect(FileTree tree)
    {
        var all = LinuxListing.Walk(tree.Root, "").ToList();
        var links = all.GroupBy(n => n.Node, ReferenceEqualityComparer.Instance).ToDictionary(g => g.Key!, g => g.Count(), ReferenceEqualityComparer.Instance);
        foreach (var (path, node) in all)
        {
            var (kind, size, detail) = node switch
            {
                RegularFile file => (0x8000, file.Content.LengthBytes, Runs(file.Content) + Hash(file.Content)),
                SymbolicLink link => (0xA000, 0L, Convert.ToHexString(link.Target)),
                DirectoryNode => (0x4000, 0L, ""),
                SpecialFile { Kind: SpecialKind.Fifo } => (0x1000, 0L, ""),
                SpecialFile { Kind: SpecialKind.Socket } => (0xC000, 0L, ""),
                SpecialFile special => (special.Kind == SpecialKind.BlockDevice ? 0x6000 : 0x2000, 0L, $"{special.Major}:{special.Minor}"),
                _ => throw new ArgumentException(node.ToString()),
            };
            var time = (Int128)node.Mtime.Seconds * 1_000_000_000 + node.Mtime.Nanoseconds;
            var count = node is DirectoryNode ? 0 : links[node];
            var xattrs = string.Join(';', node.Xattrs.Select(x => $"{x.Name}={Convert.ToHexString(x.Value)}").Order(StringComparer.Ordinal));
            yield return string.Create(CultureInfo.InvariantCulture,
                $"{path} {Convert.ToString(kind | node.Permissions, 8)} {node.Uid} {node.Gid} {count} {size} {time} {detail} {xattrs}");
        }
    }

    /// <summary>The blocks with data, as SEEK_DATA and SEEK_HOLE show them.</summary>
    private static string Runs(FileContent content)
    {
        var runs = new List<(long From, long To)>();
        foreach (var extent in content.Extents)
        {
            var from = extent.FileOffset / 4096 * 4096;
            var to = Math.Min((extent.FileOffset + extent.LengthBytes + 4095) / 4096 * 4096, content.LengthBytes);
            if (runs.Count > 0 && runs[^1].To >= from)
                runs[^1] = (runs[^1].From, to);
            else
                runs.Add((from, to));
        }
        return string.Join(',', runs.Select(r => $"{r.From}-{r.To}"));
    }

    private static string Hash(FileContent content)
    {
        if (content.LengthBytes >= 1 << 28)
            return "";
        return " " + Convert.ToHexString(SHA256.HashData(content.ReadAll(1 << 28)));
    }
}
