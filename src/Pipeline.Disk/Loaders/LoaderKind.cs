namespace Pipeline.Disk.Loaders;

/// <summary>Bootloaders by the header that a boot ROM, or the loader before them, knows them by.</summary>
public enum LoaderKind
{
    /// <summary>Allwinner SPL: eGON.BT0 with a checksum.</summary>
    SunxiEgon,

    /// <summary>Rockchip ID block, scrambled or with the mark RKNS.</summary>
    RockchipIdb,

    /// <summary>i.MX6, 7 and 8M: image vector table.</summary>
    ImxIvt,

    /// <summary>i.MX8X, 8ULP, 9x: container.</summary>
    ImxContainer,

    /// <summary>AM335x: table of contents before the image, as raw slots need it.</summary>
    Mlo,

    /// <summary>TI K3: an X.509 certificate before the image.</summary>
    TiX509,

    /// <summary>Amlogic: the mark @AML, with or without a first block for the MBR.</summary>
    Amlogic,

    /// <summary>StarFive JH7110 SPL: length and CRC-32 before the image.</summary>
    Jh7110Spl,

    /// <summary>A flattened image tree (or device tree).</summary>
    Fit,
}
