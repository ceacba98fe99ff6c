using System.Diagnostics;
using Pipeline.Kit;
using Shouldly;
using Xunit;
using YamlDotNet.RepresentationModel;

namespace Pipeline.EndToEnd;

/// <summary>The command and the environment of the shipped Indexed Job, as pods would run them: each with an empty volume, no secrets, its own index.</summary>
public sealed class IndexedJobTests(RegistryFixture fixture) : IClassFixture<RegistryFixture>, IDisposable
{
    private const int Images = 4;
    private readonly Fleet _fleet = new(fixture.Registry);
    private readonly string _prefix = $"job-{Guid.NewGuid():n}";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _fleet.Dispose();

    [Fact]
    public async Task Pods_release_their_shares()
    {
        await fixture.Registry.PushAsync(_fleet.Layout, _fleet.System("linux/amd64", "one", 62), $"{_prefix}/base", "1", Ct);
        for (var i = 0; i < Images; i++)
            _fleet.AddImage($"image{i}", $"{_prefix}/base");
        _fleet.Write("pipeline.yaml", $"version: 1\nreleases:\n  registry: {fixture.Registry.Host}/{_prefix}/releases\n").Commit("Four images");
        var (script, environment) = Read();
        var pods = int.Parse(environment["JOB_COMPLETIONS"], System.Globalization.CultureInfo.InvariantCulture);
        for (var pod = 0; pod < pods; pod++)
        {
            var run = Run(pod, script, environment);
            run.ExitCode.ShouldBe(0, run.Output);
        }
        var last = await _fleet.RunAsync(Ct, "reconcile", "--json");
        last.ShouldEndWith(0).Objects("image").ShouldAllBe(i => i.GetProperty("result").GetString() == "current");
    }

    private ToolResult Run(int pod, string script, Dictionary<string, string> environment)
    {
        var volume = Directory.CreateDirectory(Path.Combine(_fleet.WholePath, $"pod{pod}")).FullName;
        var start = new ProcessStartInfo("sh", ["-c", Here(script, volume)]) { WorkingDirectory = volume };
        foreach (var (name, value) in environment)
            start.Environment[name] = Here(value, volume);
        start.Environment["JOB_COMPLETION_INDEX"] = $"{pod}";
        start.Environment["PATH"] = $"{PipelineProcess.PutOnPath(Path.Combine(volume, "bin"))}:{Environment.GetEnvironmentVariable("PATH")}";
        return Tool.Run(start);
    }

    /// <summary>The examples' names in terms of this machine.</summary>
    private string Here(string text, string volume) => text
        .Replace("https://git.example/acme/images", $"file://{_fleet.RootPath}", StringComparison.Ordinal)
        .Replace("/data", volume, StringComparison.Ordinal).Replace("/secrets", volume + "/secrets", StringComparison.Ordinal);

    private static (string Script, Dictionary<string, string> Environment) Read()
    {
        var yaml = new YamlStream();
        using var reader = new StreamReader(Path.Combine(Documents.RootPath, "docs/many-machines/indexed-job.yaml"));
        yaml.Load(reader);
        var container = yaml.Documents[0].RootNode["spec"]["template"]["spec"]["containers"][0];
        var environment = ((YamlSequenceNode)container["env"]).Cast<YamlMappingNode>().Where(e => e.Children.ContainsKey("value"))
            .ToDictionary(e => e["name"].ToString(), e => e["value"].ToString(), StringComparer.Ordinal);
        return (container["args"][0].ToString(), environment);
    }
}
