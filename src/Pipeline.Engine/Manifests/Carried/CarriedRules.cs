using Pipeline.Core.Diagnostics;

namespace Pipeline.Engine.Manifests.Carried;

/// <summary>PL32xx: layouts that a container carries, and such that are written for one. The place inside the layout stands in the message.</summary>
public static class CarriedRules
{
    public static readonly Rule Unreadable =
        new("PL3201", Severity.Error, "the layout ({0}) cannot be read: {1}; its author must mend it, or name a board");

    public static readonly Rule Missing =
        new("PL3202", Severity.Error, "the layout lacks {0}; expected {1}");

    public static readonly Rule UnknownKey =
        new("PL3203", Severity.Error, "the layout has an unknown key {0}; expected {1}");

    public static readonly Rule WrongValue =
        new("PL3204", Severity.Error, "the layout has {1} at {0}; expected {2}");

    public static readonly Rule CannotWrite =
        new("PL3205", Severity.Error, "the layout wants {1} at {0}, which is not written here; use {2}, or name a board");

    public static readonly Rule NoRoot =
        new("PL3206", Severity.Error, "no partition of the layout ({0}) is mounted at /; its author must say which one holds the system, or name a board");

    public static readonly Rule MountTwice =
        new("PL3207", Severity.Error, "the layout mounts two partitions at '{1}', the second at {0}; remove one of the two");

    public static readonly Rule TwoFills =
        new("PL3208", Severity.Error, "the layout has no size at {0}, nor at {1} before it; one partition may fill the disk, give the other one a size");

    public static readonly Rule NoLayout =
        new("PL3209", Severity.Error, "the container '{0}' carries no layout of a disk: it has neither the label {1} nor a file {2}; name a board");

    public static readonly Rule SeveralPlatforms =
        new("PL3210", Severity.Error, "'{0}' offers several platforms; write the board as one of: {1}");

    public static readonly Rule NoPlatform =
        new("PL3211", Severity.Error, "'{0}' does not say which platform it is for; write the board with its architecture, such as 'from-container-arm64'");

    public static readonly Rule ContentMissing =
        new("PL3212", Severity.Error, "the content of partition '{0}' is no file of the container: {1}");

    public static readonly Rule NotUsed =
        new("PL3213", Severity.Warning, "the layout says {0}, which decides nothing here: {1}");

    public static readonly Rule NoLoader =
        new("PL3214", Severity.Warning, "nothing in the container makes its disk boot by UEFI (looked for {0}, GRUB and systemd-boot); it boots only if the firmware finds what the container brought");

    public static readonly Rule ReservedName =
        new("PL3215", Severity.Error, "'{0}' is what a layout from the container is called; give the board another name");

    public static readonly Rule UnknownPlatform =
        new("PL3216", Severity.Error, "'{0}' names no architecture; write 'from-container', or for example 'from-container-arm64' or 'from-container-arm-v7'");

    public static readonly Rule CannotSay =
        new("PL3230", Severity.Warning, "the label cannot say {0} of board '{1}'; {2}");

    public static readonly Rule CannotCarry =
        new("PL3231", Severity.Error, "board '{0}' cannot be written as a label: {1}; {2}");
}
