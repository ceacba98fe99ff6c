using System.Text.Json;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.EndToEnd;

/// <summary>The steps of the shipped workflows where a fork lets many jobs build: plan, a matrix of matrices, publish.</summary>
public sealed class MatrixWorkflowTests : IClassFixture<RegistryFixture>, IAsyncDisposable
{
    private const int Images = 5;
    private readonly RegistryFixture _fixture;
    private readonly FakeGitHub _github = FakeGitHub.Start();
    private readonly Fleet _fleet;
    private readonly TempDir _machine = new();
    private readonly string _prefix = $"matrix-{Guid.NewGuid():n}";

    public MatrixWorkflowTests(RegistryFixture fixture)
    {
        _fixture = fixture;
        _fleet = new Fleet(fixture.Registry);
        PipelineProcess.PutOnPath(_machine["bin"]);
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        _fleet.Dispose();
        _machine.Dispose();
        await _github.DisposeAsync();
    }

    [Fact]
    public async Task A_matrix_of_matrices_releases_and_a_job_that_was_lost_is_said()
    {
        await _fixture.Registry.PushAsync(_fleet.Layout, _fleet.System("linux/amd64", "one", 62), $"{_prefix}/base", "1", Ct);
        for (var i = 0; i < Images; i++)
            _fleet.AddImage($"image{i}", $"{_prefix}/base");
        _fleet.Commit("Five images");

        var shards = Shards(Plan());
        shards.Count.ShouldBe(2);
        var jobs = shards.SelectMany(s => Include(s.GetProperty("matrix").GetString()!)).ToList();
        jobs.Count.ShouldBe(4);
        foreach (var job in jobs.Skip(1))
            Build(job).IsGood.ShouldBeTrue();
        var partly = Publish();
        partly.IsGood.ShouldBeFalse();
        partly.Output.ShouldContain("share 0/4 is lost");
        partly.Summary.ShouldContain("**released**");
        var brought = jobs.Skip(1).Sum(j => j.GetProperty("targets").GetInt32());
        _github.State.Published.Count().ShouldBe(brought);

        Directory.Delete(_machine["artifacts"], recursive: true);
        foreach (var job in Shards(Plan()).SelectMany(s => Include(s.GetProperty("matrix").GetString()!)))
            Build(job).IsGood.ShouldBeTrue();
        Publish().IsGood.ShouldBeTrue();
        _github.State.Published.Count().ShouldBe(Images);

        // Nothing is stale: no job builds, and the last one says that all is current.
        Plan().ShouldBe("""{"include":[]}""");
        Directory.Delete(_machine["artifacts"], recursive: true);
        Directory.CreateDirectory(_machine["artifacts"]);
        var idle = Publish();
        idle.IsGood.ShouldBeTrue(idle.Output);
        idle.Output.ShouldNotContain("lost");
        _github.ShouldBeWhole("at the end");
        _github.Complaints.ShouldBeEmpty();
    }

    /// <summary>What one image says wrong does not keep the others from being built, and fails the run.</summary>
    [Fact]
    public async Task A_mistake_keeps_back_only_its_image()
    {
        await _fixture.Registry.PushAsync(_fleet.Layout, _fleet.System("linux/amd64", "one", 62), $"{_prefix}/base", "1", Ct);
        _fleet.AddImage("good", $"{_prefix}/base").Write("images/bad/image.yaml", "description: bad\nsource: oci:none\nboards: [plan]\n");
        _fleet.Commit("One of two");
        foreach (var job in Shards(Plan()).SelectMany(s => Include(s.GetProperty("matrix").GetString()!)))
            Build(job).IsGood.ShouldBeTrue();
        var published = Publish();
        published.IsGood.ShouldBeFalse();
        published.Summary.ShouldContain("**invalid**");
        _github.State.Published.Count().ShouldBe(1);
    }

    private string Plan()
    {
        var output = _machine["output"];
        File.WriteAllText(output, "");
        var job = Run("reconcile", "plan", run =>
        {
            run.Environment["GITHUB_OUTPUT"] = output;
            run.Expressions["inputs.matrix"] = "2x2";
        });
        job.IsGood.ShouldBeTrue(job.Output);
        var line = File.ReadAllText(output).Trim();
        line.ShouldStartWith("matrix=");
        return line["matrix=".Length..];
    }

    private JobResult Build(JsonElement matrix) => Run("shares", "build", run =>
    {
        foreach (var property in matrix.EnumerateObject())
            run.Expressions[$"matrix.{property.Name}"] = property.Value.ToString();
    });

    private JobResult Publish() => Run("reconcile", "publish");

    private static List<JsonElement> Shards(string matrix) => Include(matrix);

    private static List<JsonElement> Include(string matrix) => [.. JsonDocument.Parse(matrix).RootElement.GetProperty("include").EnumerateArray()];

    private JobResult Run(string workflow, string job, Action<WorkflowRun>? more = null)
    {
        var run = new WorkflowRun(_fleet.RootPath, Directory.CreateDirectory(_machine["artifacts"]).FullName);
        foreach (var (name, value) in new[] { ("github.token", FakeGitHub.Token), ("inputs.image", ""), ("inputs.force", "false"), ("inputs.releases", "github"), ("inputs.tool != ''", "false"), ("inputs.tool == ''", "true") })
            run.Expressions[name] = value;
        foreach (var (name, value) in new (string, string?)[]
        {
            ("GITHUB_ACTIONS", "true"), ("GITHUB_REPOSITORY", $"{FakeGitHub.Owner}/{FakeGitHub.Repository}"), ("GITHUB_API_URL", $"{_github.Address}/api/v3"),
            ("HOME", _machine.Path), ("PATH", $"{_machine["bin"]}:{Environment.GetEnvironmentVariable("PATH")}"), ("XDG_CACHE_HOME", _machine[$"cache-{workflow}-{job}"]),
            ("PIPELINE_GITHUB_TOKEN", null), ("GH_TOKEN", null), ("SOURCE_DATE_EPOCH", null),
        })
        {
            run.Environment[name] = value;
        }
        more?.Invoke(run);
        return run.Run(Workflow.Read(Path.Combine(Documents.RootPath, ".github", "workflows", workflow + ".yml")).Steps(job));
    }
}
