using System.Text.Json.Nodes;
using Pipeline.Kit;

namespace Pipeline.Boot;

/// <summary>
/// Containers of a LinuxKit system, made of Debian's packages: a kernel image of LinuxKit's layout, a root with BusyBox
/// and runc whose init does what LinuxKit's does, and a container with BusyBox alone.
/// </summary>
public sealed class LinuxKitContainers(string folder)
{
    private static readonly DebianPackages Programs =
        new("bookworm", "amd64", "busybox-static", "runc", "libseccomp2", "libc6", "libgcc-s1", "jq", "libjq1", "libonig5");

    private readonly OciLayoutWriter _writer = new(Path.Combine(folder, "layout"));

    /// <summary>What LinuxKit's init does before it starts anything: the root must be a mount that runc can leave.</summary>
    private const string Init = """
        #!/bin/busybox sh
        export PATH=/bin
        /bin/busybox mkdir -p /new
        /bin/busybox --install -s /bin
        mount -t tmpfs -o size=90% tmpfs /new || echo "PIPELINE-MOUNT-FAILED /new"
        for name in /*; do case $name in /new) ;; *) cp -a "$name" /new/ ;; esac; done
        mkdir -p /new/proc /new/sys /new/dev /new/run /new/tmp
        exec switch_root /new /sbin/init

        """;

    private const string SecondInit = """
        #!/bin/busybox sh
        [ -e /proc/mounts ] || /bin/busybox mount -t proc proc /proc
        /bin/busybox mount -t tmpfs tmpfs /run
        # A root that the kernel mounted cannot be written.
        /bin/busybox mkdir /run/bin
        /bin/busybox --install -s /run/bin
        export PATH=/run/bin:/bin:/sbin:/usr/bin:/usr/sbin
        grep -q ' /sys ' /proc/mounts || mount -t sysfs sysfs /sys
        grep -q ' /dev ' /proc/mounts || mount -t devtmpfs devtmpfs /dev
        exec >/dev/console 2>&1 </dev/console
        mkdir -p /dev/pts /dev/shm
        mount -t devpts devpts /dev/pts
        mount -t cgroup2 cgroup2 /sys/fs/cgroup
        # Where /lib is a link the modules are behind it.
        insmod /lib/modules/*/kernel/fs/overlayfs/overlay.ko || echo "PIPELINE-MOUNT-FAILED overlay"

        # Everything that LinuxKit mounts for a container before it hands it to runc. One jq for all: an emulated machine starts it slowly.
        prepare() {
            jq -r '.mounts[] | "\(.destination)|\(.source // "none")|\(.type // "")|\((.options // []) | join(","))"' "$1/runtime.json" | while IFS='|' read -r destination source type options; do
                for option in $(printf '%s' "$options" | tr , ' '); do
                    case $option in upperdir=* | workdir=*) mkdir -p "${option#*=}" ;; esac
                done
                # BusyBox takes the two apart only.
                [ "$options" != remount,private ] || { mount --make-private "$destination" && continue; }
                mount ${type:+-t "$type"} ${options:+-o "$options"} "$source" "$destination" || echo "PIPELINE-MOUNT-FAILED $destination $options"
            done
            jq -r '.mkdir[]' "$1/runtime.json" | while read -r made; do mkdir -p "$made"; done
        }

        for volume in /containers/volumes/*; do
            [ -d "$volume" ] || continue
            if [ -d "$volume/tmp" ]; then
                mount -t tmpfs tmpfs "$volume/tmp"
                mkdir "$volume/tmp/upper" "$volume/tmp/work"
                mount -t overlay -o "lowerdir=$volume/lower,upperdir=$volume/tmp/upper,workdir=$volume/tmp/work" overlay "$volume/merged"
            else
                mount -o bind "$volume/lower" "$volume/merged"
            fi
        done
        for bundle in /containers/onboot/* /containers/services/*; do
            name=$(basename "$bundle")
            prepare "$bundle"
            runc run --bundle "$bundle" "$name" && echo "LINUXKIT-ENDED $name 0" || echo "LINUXKIT-ENDED $name $?"
        done
        echo "LINUXKIT-CMDLINE $(cat /proc/cmdline)"
        echo "LINUXKIT-MOTD $(cat /etc/motd)"
        echo "LINUXKIT-ROOT $(stat -c '%a %u' /etc/secret) $(readlink /etc/resolv.conf) $(awk '$2 == "/" {type = $3} END {print type}' /proc/mounts)"
        echo "PIPELINE-BOOT-OK linuxkit $(uname -m)"
        poweroff -f

        """;

    /// <summary>Makes the images <c>kernel</c>, <c>init</c> and <c>tools</c>, with sources such as <c>oci:layout:init</c>.</summary>
    public async Task MakeAsync(CancellationToken ct)
    {
        await MakeKernelAsync(ct);
        MakeInit();
        MakeTools();
    }

    private async Task MakeKernelAsync(CancellationToken ct)
    {
        var (system, image) = (Path.Combine(folder, "system"), Path.Combine(folder, "kernel"));
        Directory.CreateDirectory(system);
        Directory.CreateDirectory(Path.Combine(image, "modules"));
        Tool.Require("tar", "-xf", await DebianMinimal.TarAsync("linux/amd64", ct), "-C", system,
            "--wildcards", "./usr/lib/modules/*/vmlinuz", "./usr/lib/modules/*/kernel/fs/overlayfs/*", "./boot/efi", "./usr/lib/grub", "./usr/lib/systemd/boot");
        var modules = Directory.GetDirectories(Path.Combine(system, "usr/lib/modules"))[0];
        File.Move(Path.Combine(modules, "vmlinuz"), Path.Combine(image, "kernel"));
        Directory.CreateDirectory(Path.Combine(folder, "modules/lib"));
        Directory.Move(Path.Combine(system, "usr/lib/modules"), Path.Combine(folder, "modules/lib/modules"));
        Tar(Path.Combine(folder, "modules"), Path.Combine(image, "kernel.tar"));
        Directory.Delete(Path.Combine(image, "modules"));
        foreach (var name in new[] { "boot", "usr" })
            Directory.Move(Path.Combine(system, name), Path.Combine(image, name));
        Add("kernel", image, []);
    }

    private void MakeInit()
    {
        var root = Path.Combine(folder, "init");
        Directory.CreateDirectory(root);
        foreach (var path in new[] { "bin/busybox", "usr/bin/jq", "usr/sbin/runc", "lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu", "lib64" })
        {
            var to = Path.Combine(root, path);
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            Tool.Require("cp", "-a", Path.Combine(Programs.Folder, path), to);
        }
        // A third of the C library, and of no use here.
        foreach (var unused in new[] { "gconv", "audit" }.Select(n => Path.Combine(root, "usr/lib/x86_64-linux-gnu", n)).Where(Directory.Exists))
            Directory.Delete(unused, recursive: true);
        foreach (var name in new[] { "sbin", "run", "tmp" })
            Directory.CreateDirectory(Path.Combine(root, name));
        Script(Path.Combine(root, "init"), Init);
        Script(Path.Combine(root, "sbin/init"), SecondInit);
        Add("init", root, []);
    }

    private void MakeTools()
    {
        var root = Path.Combine(folder, "tools");
        Directory.CreateDirectory(Path.Combine(root, "bin"));
        File.Copy(Path.Combine(Programs.Folder, "bin/busybox"), Path.Combine(root, "bin/busybox"));
        Tool.Require("chmod", "755", Path.Combine(root, "bin/busybox"));
        foreach (var applet in new[] { "sh", "cat", "id", "touch", "grep", "hostname", "sleep", "ls", "awk" })
            File.CreateSymbolicLink(Path.Combine(root, "bin", applet), "busybox");
        Directory.CreateDirectory(Path.Combine(root, "data"));
        Directory.CreateDirectory(Path.Combine(root, "srv"));
        // On a root that cannot be written runc makes no place for a mount.
        File.WriteAllText(Path.Combine(root, "srv/motd"), "");
        Add("tools", root, new JsonObject { ["Env"] = new JsonArray("PATH=/bin", "GREETING=hello"), ["WorkingDir"] = "/srv", ["Cmd"] = new JsonArray("sh", "-c", "echo LINUXKIT-SAYS default $(pwd) $GREETING") },
            ("org.mobyproject.config", """{"capabilities": ["CAP_KILL"], "rlimits": ["nofile,77,88"]}"""));
    }

    private void Add(string name, string root, JsonObject process, params (string Name, string Value)[] labels)
    {
        Tar(root, root + ".tar");
        var layer = _writer.AddLayer(File.ReadAllBytes(root + ".tar"), Packing.None);
        _writer.Tag(name, _writer.AddImage("linux/amd64", [layer], process, labels));
    }

    private static void Tar(string root, string path) =>
        Tool.Require("tar", "--sort=name", "--owner=0", "--group=0", "--numeric-owner", "--mtime=@1700000000", "-cf", path, "-C", root, ".");

    private static void Script(string path, string text)
    {
        File.WriteAllText(path, text);
        Tool.Require("chmod", "755", path);
    }
}
