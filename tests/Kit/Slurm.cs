using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Shouldly;

namespace Pipeline.Kit;

/// <summary>
/// A real cluster of Slurm with one node that is this machine (Debian's <c>slurmctld slurmd slurm-client munge</c>), without
/// systemd: daemons of this process, on loopback, with ports, keys and state of their own. Disposing it ends the jobs first,
/// then the daemons.
/// </summary>
public sealed class Slurm : IAsyncDisposable
{
    /// <summary>The node claims more than the machine has: jobs that wait for each other would only make tests longer.</summary>
    private const string Node = "CPUs=16 RealMemory=16384";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private readonly TempDir _directory = new();
    private readonly List<Process> _daemons = [];

    private Slurm()
    {
    }

    public string DirectoryPath => _directory.Path;

    private string ConfigurationPath => _directory["slurm.conf"];

    public static async Task<Slurm> StartAsync(CancellationToken ct)
    {
        var slurm = new Slurm();
        try
        {
            await slurm.RaiseAsync(ct);
            return slurm;
        }
        catch
        {
            await slurm.DisposeAsync();
            throw;
        }
    }

    /// <summary>A command of Slurm against this cluster, which must end with 0; its standard output without the last line's end.</summary>
    /// <param name="environment">For jobs: <c>sbatch</c> hands on what it has.</param>
    public string Command(IReadOnlyDictionary<string, string> environment, params string[] command)
    {
        var run = Tool.Run(Start(command[0], command[1..], environment));
        run.ExitCode.ShouldBe(0, $"{string.Join(' ', command)}\n{run.Output}");
        return run.Stdout.TrimEnd();
    }

    public string Command(params string[] command) => Command(new Dictionary<string, string>(), command);

    /// <summary>Waits for the end of a job, all tasks of an array; how each ended, in order of the tasks: <c>COMPLETED 0:0</c>.</summary>
    public async Task<IReadOnlyList<string>> EndOfAsync(string job, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(Patience);
        while (Command("squeue", "--noheader", "--states=all", "--array", $"--jobs={job}", "--format=%T").Split('\n') is var states
            && states.Any(s => s is "PENDING" or "RUNNING" or "COMPLETING" or "CONFIGURING"))
        {
            await Task.Delay(100, limit.Token);
        }
        return
        [
            .. Command("scontrol", "--oneliner", "show", "job", job).Split('\n').Select(Fields)
                .OrderBy(f => int.Parse(f.GetValueOrDefault("ArrayTaskId", "0"), CultureInfo.InvariantCulture))
                .Select(f => $"{f["JobState"]} {f["ExitCode"]}"),
        ];
    }

    public async ValueTask DisposeAsync()
    {
        if (_daemons.Count > 2)
        {
            // Politely first: what outlives its daemon would be nobody's child.
            _ = Tool.Run(Start("scancel", ["--full", "--signal=KILL", "--partition=kit"], new Dictionary<string, string>()));
            for (var tries = 0; tries < 50 && Jobs().Any(); tries++)
                await Task.Delay(100);
        }
        Jobs().ToList().ForEach(Kill);
        foreach (var daemon in Enumerable.Reverse(_daemons))
        {
            daemon.Kill(entireProcessTree: true);
            await daemon.WaitForExitAsync();
            daemon.Dispose();
        }
        _directory.Dispose();
    }

    private async Task RaiseAsync(CancellationToken ct)
    {
        foreach (var folder in new[] { "munge", "state", "spool" })
            Directory.CreateDirectory(_directory[folder]);
        File.WriteAllBytes(_directory["munge/key"], RandomNumberGenerator.GetBytes(128));
        Tool.Require("chmod", "400", _directory["munge/key"]);
        // munged wants a way to its socket that everybody may walk.
        Tool.Require("chmod", "755", _directory.Path);
        File.WriteAllText(ConfigurationPath, Configuration());
        Daemon("munged", "--foreground", $"--key-file={_directory["munge/key"]}", $"--socket={_directory["munge/socket"]}",
            $"--pid-file={_directory["munge/pid"]}", $"--log-file={_directory["munge/log"]}", $"--seed-file={_directory["munge/seed"]}");
        await UntilAsync(() => File.Exists(_directory["munge/socket"]), "munged makes no socket", ct);
        Daemon("slurmctld", "-D", "-c");
        Daemon("slurmd", "-D", "-c");
        await UntilAsync(() => Tool.Run(Start("sinfo", ["--noheader", "--format=%t"], new Dictionary<string, string>())).Stdout.Trim() == "idle", "the node does not become idle", ct);
    }

    private string Configuration()
    {
        var host = Tool.Require("hostname", "-s").Trim();
        var (user, ports) = (Environment.UserName, FreePorts(2));
        return $"""
            ClusterName=kit
            SlurmctldHost={host}(127.0.0.1)
            SlurmUser={user}
            SlurmdUser={user}
            AuthType=auth/munge
            AuthInfo=socket={_directory["munge/socket"]}
            CredType=cred/munge
            CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
            SlurmctldPort={ports[0]}
            SlurmdPort={ports[1]}
            StateSaveLocation={_directory["state"]}
            SlurmdSpoolDir={_directory["spool"]}
            SlurmctldPidFile={_directory["slurmctld.pid"]}
            SlurmdPidFile={_directory["slurmd.pid"]}
            SlurmdParameters=config_overrides
            ProctrackType=proctrack/linuxproc
            TaskPlugin=task/none
            SelectType=select/cons_tres
            SelectTypeParameters=CR_CPU_Memory
            SwitchType=switch/none
            MpiDefault=none
            AccountingStorageType=accounting_storage/none
            JobAcctGatherType=jobacct_gather/none
            JobCompType=jobcomp/none
            KillWait=2
            MinJobAge=3600
            NodeName={host} NodeAddr=127.0.0.1 {Node} State=UNKNOWN
            PartitionName=kit Nodes={host} Default=YES MaxTime=INFINITE State=UP

            """;
    }

    private void Daemon(string name, params string[] arguments)
    {
        // The daemons' own words are only wanted where they do not start.
        var script = $"exec {name} \"$@\" >>'{_directory[name + ".log"]}' 2>&1 </dev/null";
        _daemons.Add(Process.Start(Start("bash", ["-c", script, name, .. arguments], new Dictionary<string, string>()))!);
    }

    private async Task UntilAsync(Func<bool> isSo, string complaint, CancellationToken ct)
    {
        for (var tries = 0; !isSo(); tries++)
        {
            if (tries > 300 || _daemons.Any(d => d.HasExited))
                throw new InvalidOperationException($"{complaint}: {string.Join('\n', Directory.EnumerateFiles(_directory.Path, "*.log").Select(File.ReadAllText))}");
            await Task.Delay(100, ct);
        }
    }

    private ProcessStartInfo Start(string command, string[] arguments, IReadOnlyDictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(command, arguments) { WorkingDirectory = _directory.Path };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        // Debian keeps the daemons where an ordinary user's PATH does not look.
        start.Environment["PATH"] = $"{start.Environment["PATH"]}:/usr/sbin:/sbin";
        start.Environment["SLURM_CONF"] = ConfigurationPath;
        return start;
    }

    /// <summary>What jobs consist of, and their watchers, which are children of nobody: all know this configuration. Not the daemons.</summary>
    private IEnumerable<int> Jobs()
    {
        var daemons = _daemons.Select(d => d.Id).ToHashSet();
        return Directory.EnumerateDirectories("/proc").Select(d => Path.GetFileName(d)).Where(n => n.All(char.IsAsciiDigit))
            .Select(n => int.Parse(n, CultureInfo.InvariantCulture)).Where(id => !daemons.Contains(id) && Knows(id));
    }

    private static void Kill(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            process.Kill();
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            // It ended by itself.
        }
    }

    /// <summary>Jobs have the configuration in their environment, as we gave it or as the daemon did; slurmctld's own helper is its child and ends with it.</summary>
    private bool Knows(int id)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/environ").Contains(ConfigurationPath, StringComparison.Ordinal)
                && !File.ReadAllText($"/proc/{id}/cmdline").Contains("slurmscriptd", StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // gone, or somebody else's
        }
    }

    private static Dictionary<string, string> Fields(string line) =>
        line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(f => f.Split('=', 2)).Where(f => f.Length == 2)
            .DistinctBy(f => f[0], StringComparer.Ordinal).ToDictionary(f => f[0], f => f[1], StringComparer.Ordinal);

    private static int[] FreePorts(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        listeners.ForEach(l => l.Start());
        int[] ports = [.. listeners.Select(l => ((IPEndPoint)l.LocalEndpoint).Port)];
        listeners.ForEach(l => l.Stop());
        return ports;
    }
}
