using System.Text;
using Pipeline.Core.Files;
using Pipeline.Engine.Building.Boot;
using Pipeline.Engine.Building.Live;
using Pipeline.Engine.Manifests;

namespace Pipeline.Engine.Building.Isos;

/// <summary>The boot menu of an ISO. The medium is found by its label, whatever it was started as.</summary>
internal sealed class IsoMenu(LiveSystem system, IsoConfig config, string label, LiveMedium medium)
{
    /// <summary>The contract's, where the container has a menu and does not say it.</summary>
    private const int ContractTimeout = 60;
    private const int OwnTimeout = 5;

    public int Timeout => config.Timeout ?? (config.Entries.IsEmpty ? OwnTimeout : ContractTimeout);

    /// <summary>The same for UEFI and for a BIOS.</summary>
    public string Grub()
    {
        var text = new StringBuilder("# Written from the manifest and the container.\n");
        text.Append($"set default={config.Default}\nset timeout={Timeout}\n");
        text.Append($"insmod all_video\nset gfxpayload=keep\nsearch --no-floppy --set=root -l '{label}'\n");
        if (config.Entries.IsEmpty)
            WriteKernels(text);
        else
            WriteEntries(text);
        return text.ToString();
    }

    /// <summary>What the initrd wants, then what the container, the board and the manifest wrote down.</summary>
    public IReadOnlyList<string> Arguments(LiveKernel kernel)
    {
        var given = system.Arguments(kernel, medium);
        var names = given.Select(NameOf).ToHashSet(StringComparer.Ordinal);
        return [.. given, .. config.KernelArguments.Where(a => !given.Contains(a) && (!IsOurs(a) || !names.Contains(NameOf(a))))];
    }

    /// <summary>By which an initrd finds this medium.</summary>
    public string RootArgument => LiveArguments.Of(system.Kernels[0].Facts.Family, medium, []) is [var first, ..] ? first : "root=";

    /// <summary>Whether a command line that somebody else wrote finds this medium, by the newest kernel's initrd.</summary>
    public bool StartsThisMedium(string commandLine)
    {
        var words = ContainerArguments.Split(commandLine);
        return system.SaysItsRoot || (system.Kernels[0].Facts.Family != Live.Initrds.InitrdFamily.Other && words.Contains(RootArgument));
    }

    public static string Title(LiveSystem system, LiveKernel kernel) => $"{system.Boot.SystemName} ({kernel.Version})";

    private void WriteKernels(StringBuilder text)
    {
        foreach (var kernel in system.Kernels)
        {
            var folder = IsoPaths.FolderOf(system, kernel);
            text.Append($"menuentry '{Title(system, kernel)}' {{\n");
            if (kernel.DeviceTree is not null)
                text.Append($"    devicetree {folder}/board.dtb\n");
            text.Append($"    linux {IsoPaths.Linux(folder)} {string.Join(' ', Arguments(kernel).Select(GrubConfig.Word))}\n");
            text.Append($"    initrd {IsoPaths.Initrd(folder)}\n}}\n");
        }
    }

    /// <summary>
    /// The container's own menu as it is, with its placeholders filled in. What the board and the manifest ask for comes
    /// behind the container's arguments, because they had the last word, and in their own order: the last console is the system's.
    /// </summary>
    private void WriteEntries(StringBuilder text)
    {
        var given = system.Boot.GivenArguments();
        foreach (var entry in config.Entries)
        {
            var linux = Fill(entry.Linux);
            var present = ContainerArguments.Split(linux).ToHashSet(StringComparer.Ordinal);
            text.Append($"menuentry '{Fill(entry.Name).Replace("'", @"'\''", StringComparison.Ordinal)}' --class os {{\n");
            text.Append($"    linux {string.Join(' ', given.SkipWhile(present.Contains).Select(GrubConfig.Word).Prepend(linux))}\n");
            text.Append($"    initrd {Fill(entry.Initrd)}\n}}\n");
        }
    }

    /// <summary>Tells which entries of the container find nothing on this ISO.</summary>
    public void Check(IsoFiles iso)
    {
        var check = new IsoMenuCheck(path => iso.Tree.Find(path) is RegularFile, label);
        foreach (var entry in config.Entries)
        {
            if (check.Problem(Fill(entry.Linux), Fill(entry.Initrd), system.SaysItsRoot) is { } problem)
                system.Bag.Add(IsoBuildRules.EntryLeadsNowhere, entry.Span ?? system.Span, Message.Quote(entry.Name), problem);
        }
    }

    private string Fill(string line)
    {
        foreach (var (name, value) in Values())
            line = line.Replace($"${{{name}}}", value, StringComparison.Ordinal);
        return line;
    }

    private IEnumerable<(string Name, string Value)> Values()
    {
        yield return ("isolabel", label);
        yield return ("kernelpath", IsoPaths.Linux(IsoPaths.Kernels));
        yield return ("initrdpath", IsoPaths.Initrd(IsoPaths.Kernels));
        yield return ("root", string.Join(' ', LiveArguments.Of(system.Kernels[0].Facts.Family, medium, []).Select(GrubConfig.Word)));
        yield return ("product", OsRelease.Read(system.Tree, "NAME") ?? system.Job.Target.Image.Name);
        yield return ("version", OsRelease.Read(system.Tree, "VERSION_ID") ?? "");
    }

    /// <summary>Of these only one can hold: that of the manifest, where it has one.</summary>
    private static bool IsOurs(string argument) => NameOf(argument) is "root" or "init";

    private static string NameOf(string argument) => argument.Split('=', 2)[0];
}
