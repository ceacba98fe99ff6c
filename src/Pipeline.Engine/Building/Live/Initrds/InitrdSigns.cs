namespace Pipeline.Engine.Building.Live.Initrds;

/// <summary>Gathers from the names of files what kind of initrd they are in.</summary>
internal sealed class InitrdSigns
{
    private bool _hasDracut, _hasDracutLive, _hasDracutNet, _hasInitramfsTools, _hasLiveBoot, _hasCasper, _hasArchiso, _hasMkinitcpio, _hasVerity;

    /// <param name="name">As archives have them: relative, some with <c>./</c> in front.</param>
    public void Add(string name)
    {
        var path = name.StartsWith("./", StringComparison.Ordinal) ? name.AsSpan(2) : name.AsSpan().TrimStart('/');
        if (path.StartsWith("usr/"))
            path = path[4..];
        var file = path[(path.LastIndexOf('/') + 1)..];
        _hasDracut |= path.StartsWith("lib/dracut/") || path.SequenceEqual("bin/dracut-cmdline");
        _hasDracutLive |= file.SequenceEqual("dmsquash-live-root") || file.SequenceEqual("dmsquash-live-root.sh");
        _hasDracutNet |= file.SequenceEqual("livenetroot") || file.SequenceEqual("livenetroot.sh");
        _hasInitramfsTools |= path.SequenceEqual("scripts/functions") || path.SequenceEqual("conf/initramfs.conf");
        _hasLiveBoot |= path.SequenceEqual("scripts/live") || path.StartsWith("lib/live/boot/");
        _hasCasper |= path.SequenceEqual("scripts/casper");
        _hasArchiso |= path.SequenceEqual("hooks/archiso");
        _hasMkinitcpio |= path.SequenceEqual("init_functions");
        _hasVerity |= file.SequenceEqual("systemd-veritysetup-generator");
    }

    public InitrdFacts Judge() => this switch
    {
        { _hasDracutLive: true } => new(InitrdFamily.Dracut, "dracut's") { FetchesRoot = _hasDracutNet, OpensVerity = _hasVerity },
        { _hasLiveBoot: true } => new(InitrdFamily.LiveBoot, "live-boot's") { FetchesRoot = true },
        { _hasDracut: true } => new(InitrdFamily.Other, "dracut's without the module dmsquash-live") { OpensVerity = _hasVerity },
        { _hasCasper: true } => new(InitrdFamily.Other, "casper's"),
        { _hasArchiso: true } => new(InitrdFamily.Other, "archiso's"),
        { _hasInitramfsTools: true } => new(InitrdFamily.Other, "initramfs-tools' without live-boot"),
        { _hasMkinitcpio: true } => new(InitrdFamily.Other, "mkinitcpio's"),
        _ => new(InitrdFamily.Other, "of a kind that is not known here") { OpensVerity = _hasVerity },
    };
}
