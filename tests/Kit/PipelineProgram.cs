using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Shouldly;

namespace Pipeline.Kit;

/// <summary>What a run of the program printed and ended with.</summary>
public sealed record ProgramResult(int ExitCode, string Stdout, string Stderr)
{
    public string Output => Stdout + Stderr;

    /// <summary>The objects of <c>--json</c> of one type, in order.</summary>
    public IReadOnlyList<JsonElement> Objects(string type) =>
    [
        .. Stdout.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonDocument.Parse(line).RootElement)
            .Where(o => o.GetProperty("type").GetString() == type),
    ];

    public ProgramResult ShouldEndWith(int exitCode)
    {
        ExitCode.ShouldBe(exitCode, Output);
        return this;
    }
}

/// <summary>The real executable as the build leaves it, with an environment of its own: nothing of the user's home is read or written.</summary>
/// <param name="homePath">Where it keeps its cache; no credentials are there.</param>
public sealed class PipelineProgram(string homePath)
{
    /// <summary>Far more than any of these runs needs on a busy machine.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(15);

    private static readonly string[] Foreign =
    [
        "GITHUB_ACTIONS", "REGISTRY_AUTH_FILE", "DOCKER_CONFIG", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME",
        "SOURCE_DATE_EPOCH", "http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy",
        "GITHUB_TOKEN", "GH_TOKEN", "GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN", "PIPELINE_GITHUB_TOKEN", "PIPELINE_GITHUB_TOKEN_FILE", "GITHUB_REPOSITORY",
        "GITHUB_API_URL", "PIPELINE_SIGNING_KEY", "PIPELINE_SIGNING_KEY_FILE", "PIPELINE_SIGNING_PASSPHRASE", "PIPELINE_SIGNING_PASSPHRASE_FILE",
        "PIPELINE_CACHE_REGISTRY", "PIPELINE_SHARE",
    ];

    public string HomePath => homePath;

    /// <summary>Added to the environment of every run.</summary>
    public Dictionary<string, string> Environment { get; } = [];

    public async Task<ProgramResult> RunAsync(CancellationToken ct, params string[] arguments)
    {
        using var process = Start(arguments);
        var stdout = process.StandardOutput.ReadToEndAsync(ct);
        var stderr = process.StandardError.ReadToEndAsync(ct);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(Limit);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
        return new(process.ExitCode, await stdout, await stderr);
    }

    /// <summary>User and system time of a run that must end with 0: a machine busy with other tests lengthens the wall's time, hardly this one.</summary>
    public TimeSpan CpuTimeOf(params string[] arguments)
    {
        var start = Prepare("bash", ["-c", "TIMEFORMAT='%U %S'; time \"$@\" > /dev/null 2>&1", "bash", "dotnet", Assembly, .. arguments]);
        var run = Tool.Run(start);
        run.ExitCode.ShouldBe(0, run.Output);
        return TimeSpan.FromSeconds(run.Stderr.Split(' ').Sum(t => double.Parse(t, CultureInfo.InvariantCulture)));
    }

    /// <summary>The caller reads the output, waits and disposes.</summary>
    public Process Start(params string[] arguments) => Process.Start(Prepare("dotnet", [Assembly, .. arguments]))!;

    private static string Assembly => Path.Combine(AppContext.BaseDirectory, "pipeline.dll");

    private ProcessStartInfo Prepare(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = homePath,
        };
        foreach (var name in Foreign)
            start.Environment.Remove(name);
        start.Environment["HOME"] = homePath;
        foreach (var (name, value) in Environment)
            start.Environment[name] = value;
        return start;
    }
}
