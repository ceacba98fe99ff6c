using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Engine.Building.Disks;
using Pipeline.Engine.Building.Live;
using Pipeline.Engine.Manifests.Models;

namespace Pipeline.Kit;

/// <summary>A live system on its way through the building room: a tree with kernels, what a manifest adds, what an output says.</summary>
internal sealed class LiveBuild(string platform = "linux/amd64", OutputKind kind = OutputKind.Live) : IDisposable
{
    private readonly DiskBuild _build = new("{method: grub-efi, kernelArguments: [console=ttyS0]}", platform: platform);

    public Customization Customization { get; init; } = new() { Hostname = "kiosk" };

    public LiveOptions Live { get; init; } = LiveOptions.Default;

    public DiagnosticBag Bag => _build.Bag;

    public IReadOnlyList<string> Codes => _build.Codes;

    public string this[string name] => _build[name];

    public FileTree Tree => _build.Tree;

    public DiskJob Job
    {
        get
        {
            _build.Customization = Customization;
            var job = _build.Job;
            return job with { Target = job.Target with { Output = new(kind, OutputCompression.None, false, null) { Live = Live } } };
        }
    }

    public LiveBuild With(params (string Path, string Text)[] files)
    {
        _build.With(files);
        return this;
    }

    public LiveBuild With(params string[] paths)
    {
        _build.With(paths);
        return this;
    }

    public LiveBuild Initrd(string path, string[] names) => Set(path, Initrds.Packed("gzip -n", Initrds.Cpio(names)));

    public LiveBuild Set(string path, byte[] content)
    {
        Tree.Set(path, new RegularFile { Content = FileContent.Of(content), Permissions = 0b110_100_100, Mtime = DiskBuild.Clock });
        return this;
    }

    /// <summary>Kernel 6.1 with an initrd of these files.</summary>
    public LiveBuild Kernel(string[] initrd) => With("/usr/lib/modules/6.1/vmlinuz").Initrd("/usr/lib/modules/6.1/initramfs.img", initrd);

    public LiveSystem? Make() => LiveSystem.Make(Job, Tree, _build.Bag);

    public string? Text(string path) => _build.Text(path);

    public void Dispose() => _build.Dispose();
}
