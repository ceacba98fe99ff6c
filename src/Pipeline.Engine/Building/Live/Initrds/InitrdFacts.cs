namespace Pipeline.Engine.Building.Live.Initrds;

/// <summary>Who made an initrd that can start a live system: each has its own kernel arguments.</summary>
internal enum InitrdFamily
{
    /// <summary>None that is known here.</summary>
    Other,

    /// <summary>dracut with its module dmsquash-live.</summary>
    Dracut,

    /// <summary>initramfs-tools with Debian's live-boot.</summary>
    LiveBoot,
}

/// <summary>What an initrd can do, as the names of its files tell.</summary>
/// <param name="Maker">For messages: what it looks like.</param>
internal sealed record InitrdFacts(InitrdFamily Family, string Maker)
{
    /// <summary>Its root may be a URL.</summary>
    public bool FetchesRoot { get; init; }

    /// <summary>It knows systemd's <c>roothash=</c>.</summary>
    public bool OpensVerity { get; init; }
}
