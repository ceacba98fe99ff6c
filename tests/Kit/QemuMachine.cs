using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Xunit;

namespace Pipeline.Kit;

/// <summary>
/// Boots a disk image in QEMU and judges by the serial port alone: booted is only what prints the marker line from its
/// own userspace. At most two machines run at once; the rest wait, and their time limit starts when they do.
/// </summary>
public static partial class QemuMachine
{
    /// <summary>Printed by the userspace of the image <c>debian-minimal</c>: <c>PIPELINE-BOOT-OK HOSTNAME MACHINE</c>.</summary>
    public const string Marker = "PIPELINE-BOOT-OK";

    /// <summary>Ten times what an idle machine with two cores needs; machines with slower media are given more by their tests.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(8);

    /// <summary>For a machine that is to stay silent: a boot ROM that finds no loader says nothing, ever, where a loader would speak within a few seconds.</summary>
    public static readonly TimeSpan SilenceLimit = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Until a machine that is to boot has said more than its firmware's name: a hundred times what an idle one needs. On a busy machine
    /// AAVMF hung once in 360 starts of one ISO, before it said what it would load, and started that very file the other 359 times.
    /// </summary>
    private static readonly TimeSpan FirmwareLimit = TimeSpan.FromMinutes(3);

    private const int MachinesAtOnce = 2;

    private static readonly SemaphoreSlim Slots = new(MachinesAtOnce);

    /// <param name="loaderPath">What the boot ROM would have read, for machines that QEMU has without one.</param>
    /// <param name="limit">For a disk that is not to boot: a few times what the sound one needed, or <see cref="SilenceLimit"/>; for one on a slow bus: more. Null is <see cref="Limit"/>.</param>
    public static Task<BootLog> BootAsync(BootMachine machine, string imagePath, CancellationToken ct, string? loaderPath = null, TimeSpan? limit = null) =>
        BootAsync(machine, BootCommand.Arguments(machine, imagePath, loaderPath), new(limit ?? Limit, limit is null ? FirmwareLimit : null), ct);

    /// <summary>A machine whose firmware hangs is started once more, and the test's output says so.</summary>
    internal static async Task<BootLog> BootAsync(BootMachine machine, string[] arguments, BootLimits limits, CancellationToken ct)
    {
        await Slots.WaitAsync(ct);
        try
        {
            var log = await RunAsync(machine, arguments, limits, ct);
            if (log.Verdict != BootVerdict.Hung)
                return log;
            TestContext.Current.TestOutputHelper?.WriteLine($"{machine}: {log.Reason}; started again");
            return await RunAsync(machine, arguments, limits with { Firmware = null }, ct);
        }
        finally
        {
            Slots.Release();
        }
    }

    private static async Task<BootLog> RunAsync(BootMachine machine, string[] arguments, BootLimits limits, CancellationToken ct)
    {
        using var process = Start(machine, arguments);
        var clock = Stopwatch.StartNew();
        // A full pipe would stop QEMU; what it has to say belongs into the log.
        var errors = process.StandardError.ReadToEndAsync(ct);
        try
        {
            var log = await ListenAsync(process, new(BootCommand.Keys(machine)), (clock, limits), ct);
            // A limit that is too near shows itself before it is too late.
            if (log.Verdict == BootVerdict.Booted && clock.Elapsed > limits.Whole / 2)
                TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{machine}: booted after {clock.Elapsed.TotalSeconds:0} s of {limits.Whole.TotalSeconds:0}"));
            return log.Verdict == BootVerdict.Ended ? log with { Serial = log.Serial + await errors } : log;
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
        }
    }

    private static Process Start(BootMachine machine, string[] arguments)
    {
        var program = Path.Combine("/usr/bin", BootCommand.Program(machine));
        if (!File.Exists(program))
            throw new InvalidOperationException($"'{program}' is not installed; tests/run installs it");
        return Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        })!;
    }

    private static async Task<BootLog> ListenAsync(
        Process machine, Queue<(string Said, string Typed)> keys, (Stopwatch Clock, BootLimits Limits) time, CancellationToken ct)
    {
        var (clock, limits) = time;
        var serial = machine.StandardOutput;
        var text = new StringBuilder();
        var buffer = new char[4096];
        var lineStart = 0;
        var isInFirmware = limits.Firmware is not null;
        while (true)
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
            isInFirmware = isInFirmware && IsFirmwareOnly(Clean(text.ToString()));
            var limit = isInFirmware ? limits.Firmware!.Value : limits.Whole;
            var rest = limit - clock.Elapsed;
            patience.CancelAfter(rest > TimeSpan.Zero ? rest : TimeSpan.Zero);
            int count;
            try
            {
                count = await serial.ReadAsync(buffer, patience.Token);
            }
            catch (OperationCanceledException) when (!ct.IsCancellationRequested)
            {
                if (isInFirmware)
                    return new(BootVerdict.Hung, $"nothing but the firmware's name within {limit}", Clean(text.ToString()), clock.Elapsed);
                return text.Length == 0
                    ? new(BootVerdict.Silent, $"no sign of life within {limit}", "", clock.Elapsed)
                    : new(BootVerdict.TimedOut, $"no '{Marker}' within {limit}", Clean(text.ToString()), clock.Elapsed);
            }
            if (count == 0)
                return new(BootVerdict.Ended, "QEMU ended before the marker", Clean(text.ToString()), clock.Elapsed);
            text.Append(buffer, 0, count);
            // A prompt that is awaited refuses nothing.
            if (keys.TryPeek(out var next) && text.ToString(lineStart, text.Length - lineStart).Contains(next.Said, StringComparison.Ordinal))
            {
                await machine.StandardInput.WriteAsync(keys.Dequeue().Typed);
                await machine.StandardInput.FlushAsync(ct);
                lineStart = text.Length;
                continue;
            }
            // Only what is new: firmware draws its menus character by character.
            if (Judge(Clean(text.ToString(lineStart, text.Length - lineStart))) is { } judged)
                return new(judged.Verdict, judged.Line, Clean(text.ToString()), clock.Elapsed);
            var lineEnd = Array.LastIndexOf(buffer, '\n', count - 1, count);
            if (lineEnd >= 0)
                lineStart = text.Length - count + lineEnd + 1;
        }
    }

    internal static (BootVerdict Verdict, string Line)? Judge(string serial)
    {
        if (MarkerLine().Match(serial) is { Success: true } marker)
            return (BootVerdict.Booted, marker.Value.Trim());
        if (Refusal().Match(serial) is { Success: true } refusal)
            return (BootVerdict.Refused, refusal.Value.Trim());
        return null;
    }

    internal static bool IsFirmwareOnly(string serial) => FirmwareOnly().IsMatch(serial);

    /// <summary>SeaBIOS leaves its last line open, and a kernel that is told to be quiet does not end it.</summary>
    internal static string Clean(string text) =>
        OpenLine().Replace(TerminalSequence().Replace(text, "").Replace("\r", "", StringComparison.Ordinal), "$0\n");

    /// <summary>OVMF and boot ROMs have said nothing yet; AAVMF says its name before it looks for devices.</summary>
    [GeneratedRegex(@"\A\s*(?:UEFI firmware \(version .*\s*)?\z")]
    private static partial Regex FirmwareOnly();

    [GeneratedRegex(@"^PIPELINE-BOOT-OK \S+ \S+\n", RegexOptions.Multiline)]
    private static partial Regex MarkerLine();

    /// <summary>In this order: UEFI, its HTTP boot, its shell, SeaBIOS, GRUB's prompts and what it says of a kernel that nobody signed, U-Boot's prompt, SPL, the kernel, our initrd, dracut's, and init. Lines are whole; prompts have no end.</summary>
    [GeneratedRegex(
        """
        ^BdsDxe:\ No\ bootable\ option.*\n | ^.*Error:\ Could\ not\ retrieve\ NBP\ file\ size.*\n | ^Shell>.* | ^No\ bootable\ device\..*\n | ^grub(\ rescue)?>.* | ^error:.*bad\ shim\ signature.*\n | ^=>\ $
        | ^.*\#\#\#\ ERROR\ \#\#\#.*\n | ^.*Kernel\ panic\ -\ not\ syncing.*\n | ^initrd:\ .*\n | ^.*dracut:\ FATAL:\ .*\n | ^.*dracut\ Warning:\ Can't\ mount.*\n | ^PIPELINE-MOUNT-FAILED.*\n
        """, RegexOptions.Multiline | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Refusal();

    [GeneratedRegex(@"^Booting from ROM\.+(?=[^.\n])", RegexOptions.Multiline)]
    private static partial Regex OpenLine();

    [GeneratedRegex(@"\x1b\[[0-9;?=]*[A-Za-z]|\x1b[()][A-Z0-9]|\x1bc|[\x00\x07\x08]")]
    private static partial Regex TerminalSequence();
}
