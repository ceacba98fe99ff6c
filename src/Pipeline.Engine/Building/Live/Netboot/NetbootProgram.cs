using Pipeline.Core.Files;
using Pipeline.Engine.Building.Boot;

namespace Pipeline.Engine.Building.Live.Netboot;

/// <summary>
/// The program that UEFI firmware fetches by itself (UEFI 2.10 §24.7, HTTP Boot): kernel, initrd and arguments in one file,
/// around systemd's stub. Firmware knows no script, so the address of a root that is still to be fetched stands in it.
/// </summary>
/// <param name="parts">Without kernel and initrd, which come last.</param>
internal sealed class NetbootProgram(LiveSystem system, FileContent stub, UnifiedKernelParts parts)
{
    /// <summary>What of it the source must have, read before the tree is packed and loses what is excluded.</summary>
    /// <param name="arguments">As they stand in <c>.cmdline</c>.</param>
    /// <returns>Null where the bag has the reason.</returns>
    public static NetbootProgram? Prepare(LiveSystem system, string arguments)
    {
        var (path, kernel) = (UnifiedKernelParts.StubPath(system.Boot), system.Kernels[0]);
        if (system.Tree.Find(path) is RegularFile file)
            return new(system, file.Content, new(system.Boot.Release, arguments, kernel.Version, default) { DeviceTree = kernel.DeviceTree });
        system.Bag.Add(NetbootRules.NoStub, system.Span, path);
        return null;
    }

    /// <param name="plain">The kernel as other loaders get it; where the source has it as a program of UEFI, that is taken.</param>
    /// <returns>Null where the bag has the reason.</returns>
    public FileContent? Make(FileContent plain, FileContent initrd)
    {
        var kernel = system.Kernels[0];
        var linux = IsProgram(kernel.Image) ? kernel.Image : plain;
        if (!IsProgram(linux))
        {
            system.Bag.Add(NetbootRules.KernelNoProgram, system.Span, kernel.Version);
            return null;
        }
        if (linux.LengthBytes + initrd.LengthBytes > UnifiedKernelImage.MaxBytes)
        {
            system.Bag.Add(NetbootRules.ProgramTooLong, system.Span, linux.LengthBytes + initrd.LengthBytes, UnifiedKernelImage.MaxBytes);
            return null;
        }
        try
        {
            return (parts with { Linux = linux, Initrd = initrd }).Join(stub);
        }
        catch (InvalidDataException e)
        {
            system.Bag.Add(NetbootRules.StubUnusable, system.Span, UnifiedKernelParts.StubPath(system.Boot), e.Message);
            return null;
        }
    }

    /// <summary>Whether firmware could start it, as the stub will ask it to: a kernel with CONFIG_EFI_STUB.</summary>
    private static bool IsProgram(FileContent kernel)
    {
        Span<byte> start = stackalloc byte[2];
        return kernel.Read(0, start) == start.Length && start.SequenceEqual("MZ"u8);
    }
}
