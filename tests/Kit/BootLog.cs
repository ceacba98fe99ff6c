using Shouldly;

namespace Pipeline.Kit;

public enum BootVerdict
{
    /// <summary>The guest's own userspace printed its marker.</summary>
    Booted,

    /// <summary>Firmware, loader, kernel or initrd said that it cannot go on.</summary>
    Refused,

    /// <summary>Nothing at all came out of the serial port for a while after power on.</summary>
    Silent,

    /// <summary>Nothing but the firmware's name came out of it: it never looked at a disk.</summary>
    Hung,

    /// <summary>QEMU ended (with <c>-no-reboot</c> also when the guest reset) before the marker.</summary>
    Ended,

    /// <summary>Still running at the time limit, without the marker.</summary>
    TimedOut,
}

/// <param name="Whole">Until the guest's userspace has spoken.</param>
/// <param name="Firmware">Until more than the firmware's name was said; null where silence is an answer.</param>
public sealed record BootLimits(TimeSpan Whole, TimeSpan? Firmware);

/// <param name="Reason">The line that decided, or what was waited for.</param>
/// <param name="Serial">All that the serial port said, terminal sequences removed.</param>
public sealed record BootLog(BootVerdict Verdict, string Reason, string Serial, TimeSpan Elapsed)
{
    /// <summary>The rest of each line that begins with <paramref name="prefix"/>, such as <c>PIPELINE-MOUNT</c>.</summary>
    public IReadOnlyList<string> After(string prefix) =>
        [.. Serial.Split('\n').Select(line => line.Trim()).Where(line => line.StartsWith(prefix + " ", StringComparison.Ordinal))
            .Select(line => line[(prefix.Length + 1)..])];

    /// <summary>Fails with the end of the serial log unless the guest came up.</summary>
    public BootLog ShouldHaveBooted()
    {
        Verdict.ShouldBe(BootVerdict.Booted, $"{Reason}; after {Elapsed.TotalSeconds:F0} s the serial port had said:\n{Tail}");
        return this;
    }

    private string Tail => Serial.Length <= TailChars ? Serial : Serial[^TailChars..];

    private const int TailChars = 4000;
}
