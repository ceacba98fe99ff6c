using Pipeline.Engine.Building.Live.Initrds;
using Pipeline.Engine.Manifests.Models;

namespace Pipeline.Engine.Building.Live.Media;

/// <summary>What is asked of a live medium and its initrd cannot do: said before anything is packed.</summary>
internal static class LiveChecks
{
    public static bool Pass(LiveSystem system)
    {
        var (kernel, options) = (system.Kernels[0], system.Options);
        if (options.Verity && !kernel.Facts.OpensVerity)
            Refuse(system, "a root behind dm-verity", "put systemd-veritysetup into it (dracut --add systemd-veritysetup), or write verity: false");
        if (kernel.Facts.Family == InitrdFamily.LiveBoot && options.Root == LiveRootKind.Erofs)
            Refuse(system, "a root of type erofs", "write root: squashfs");
        if (kernel.Facts.Family == InitrdFamily.Other && options.Persistence is not null)
            Refuse(system, "a system that keeps what it writes", "leave persistence out, or take an initrd of dracut's or live-boot's");
        return !system.Bag.HasErrors;
    }

    public static void Refuse(LiveSystem system, string what, string advice) =>
        system.Bag.Add(LiveRules.CannotDo, system.Span, system.Kernels[0].InitrdPath, system.Kernels[0].Facts.Maker, what, advice);
}
