using System.Collections.Immutable;
using System.Net;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Units;
using Pipeline.Engine.Building;
using Pipeline.Engine.Manifests;
using Pipeline.Engine.Planning;
using Pipeline.Engine.Publishing;
using Pipeline.Engine.Reconciling;
using Pipeline.Web;
using Pipeline.Web.Status;
using Shouldly;

namespace Pipeline.Kit;

/// <summary>
/// A controller's face over a factory with seven images for boards that we ship: everything real but registries and the
/// builder, which stops halfway through <c>kiosk</c> until it is told to go on. One image stands in each state.
/// </summary>
public sealed class PagesWorld : IAsyncDisposable
{
    public const string Title = "Acme images";
    private const string ReleasesAddress = "https://github.com/acme/images/releases/tag/";
    private static readonly string[] Boards = ["uefi-x86_64", "raspberry-pi-4", "raspberry-pi-5", "rock-5b", "rockpro64"];

    private readonly Factory _factory = new();
    private readonly ManifestRepository _repository = new();
    private readonly TaskCompletionSource _goOn = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _halfway = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly RoundLog _rounds;
    private readonly WorkList _works;
    private readonly StatusKeeper _keeper;
    private readonly Reconciler _reconciler;
    private ControllerServer? _server;
    private Task _round = Task.CompletedTask;

    private PagesWorld()
    {
        _factory.Clock.Now = new(2026, 11, 14, 6, 30, 0, TimeSpan.Zero);
        _factory.BacksOff = true;
        (_rounds, _works) = (new(_factory.Clock), new(_factory.Reporter, _factory.Clock));
        var host = new AddressedReleases(_factory.Host(), ReleasesAddress);
        _keeper = new(host, host, Title);
        _reconciler = new(
            new(_factory.Resolver(), new HalfwayBuilder(this), host, new Publisher(host, null), _works),
            new()
            {
                ScratchDirectory = _factory.Temp["scratch"], Failures = new(_factory.Temp["failures"], _factory.Clock), BacksOff = true, Clock = _factory.Clock,
                Limits = new(8), Planned = _keeper.Plan, ImageBegun = _works.BeginImage,
                ImageEnded = outcome =>
                {
                    _keeper.End(outcome);
                    _works.EndImage(outcome.Image);
                },
            });
    }

    /// <summary>With a slash at its end.</summary>
    public string Address => _server!.Address + "/";

    /// <summary>A little after the round under way began.</summary>
    public DateTimeOffset Now => _factory.Clock.Now + TimeSpan.FromMinutes(3);

    public StatusModel Written => _keeper.Take(live: null);

    private StatusModel Live => _keeper.Take(new(RoundStatus.Of(_rounds), _works.Now, _works.Building, _works.Log.Lines));

    private bool IsLastRound => _factory.Clock.Now.Day == 21;

    /// <summary>Before anything was looked at.</summary>
    public static async Task<PagesWorld> StartEmptyAsync(CancellationToken ct)
    {
        var world = new PagesWorld();
        world._server = await ControllerServer.StartAsync(
            new() { Listen = new(IPAddress.Loopback, 0), Rounds = world._rounds, Wake = new(), Interval = TimeSpan.FromMinutes(15), Clock = world._factory.Clock, Status = () => world.Live }, ct);
        return world;
    }

    /// <summary>After a first round and one that released <c>gateway</c> anew, in the middle of a third.</summary>
    public static async Task<PagesWorld> StartAsync(CancellationToken ct)
    {
        var world = await StartEmptyAsync(ct);
        world.WriteManifests();
        await world.RoundAsync(ct);
        world._factory.Clock.Now = new(2026, 11, 18, 6, 30, 0, TimeSpan.Zero);
        world._factory.Sources.Push("registry.example/gateway:1", "gateway 2", "gateway 2", version: "41.20261117");
        await world.RoundAsync(ct);
        world._factory.Clock.Now = new(2026, 11, 21, 14, 0, 0, TimeSpan.Zero);
        world.Change();
        world._round = world.RoundAsync(ct);
        await world._halfway.Task.WaitAsync(TimeSpan.FromMinutes(1), ct);
        // The others come to their ends by themselves.
        for (var tries = 0; world.Live.Live!.Building.Count > 1; tries++)
        {
            tries.ShouldBeLessThan(1000);
            await Task.Delay(20, ct);
        }
        return world;
    }

    /// <summary>The build that stands halfway goes on, and the round ends.</summary>
    public async Task FinishAsync()
    {
        _goOn.TrySetResult();
        await _round;
    }

    /// <summary>Nobody answers at the address any more.</summary>
    public async Task StopServingAsync() => await _server!.DisposeAsync();

    public async ValueTask DisposeAsync()
    {
        _goOn.TrySetResult();
        await _round;
        if (_server is not null)
            await _server.DisposeAsync();
        _repository.Dispose();
        _factory.Dispose();
    }

    private void WriteManifests()
    {
        Directory.Delete(Path.Combine(_repository.RootPath, "images"), recursive: true);
        Directory.Delete(Path.Combine(_repository.RootPath, "boards"), recursive: true);
        foreach (var board in Boards)
            _repository.Write($"boards/{board}.yaml", File.ReadAllText(Path.Combine(Documents.RootPath, "boards", board + ".yaml")));
        Add("gateway", "Radio gateway that updates itself", "rock-5b, rockpro64");
        Add("kiosk", "One web page on a screen, and nothing else", "uefi-x86_64, raspberry-pi-4, raspberry-pi-5");
        Add("lab", "Workbench with compilers and debuggers", "uefi-x86_64", "suspend: true");
        Add("player", "Music player for the living room <script>alert('hostile')</script>", "raspberry-pi-4, raspberry-pi-5");
        Add("router", "Router with two ports", "uefi-x86_64");
        Add("workstation", "Desktop with an office suite", "uefi-x86_64");
    }

    private void Add(string name, string description, string boards, string more = "")
    {
        _repository.Write($"images/{name}/image.yaml", $"description: \"{description}\"\nsource: registry.example/{name}:1\nboards: [{boards}]\noutputs: [disk]\ncustomize:\n  hostname: {name}\n{more}\n");
        _factory.Sources.Push($"registry.example/{name}:1", $"{name} 1", $"{name} 1", version: "41.20261113");
    }

    /// <summary>What happens before the last round.</summary>
    private void Change()
    {
        foreach (var image in new[] { "kiosk", "player", "workstation" })
            _factory.Sources.Push($"registry.example/{image}:1", $"{image} 2", $"{image} 2", version: "41.20261120");
        _repository.Write("images/demo/image.yaml", "description: Stand at the fair\nsource: registry.example/kiosk:1\nboards: [raspberry-pi-9]\noutputs: [disk]\n");
        _repository.Edit("images/workstation/image.yaml", "outputs: [disk]", "outputs: [disk]\nhold: {until: \"2026-12-27T06:00Z\"}");
        _factory.Sources.Down["registry.example/router:1"] = new HttpRequestException("connection refused (registry.example:443)");
    }

    private async Task RoundAsync(CancellationToken ct)
    {
        var workspace = _repository.Read();
        workspace.Value.ShouldNotBeNull(string.Join('\n', workspace.Diagnostics));
        _keeper.Read(workspace.Diagnostics);
        foreach (var diagnostic in workspace.Diagnostics)
            _works.Diagnose(diagnostic);
        _rounds.Begin();
        var outcome = await _reconciler.RunOnceAsync(workspace.Value, ct);
        _rounds.End(outcome);
        _works.Log.Add(LogKind.Note, null, $"round ended, {outcome.Summary}");
        await _keeper.EndAsync(outcome, ct);
    }

    /// <summary>Makes sparse files with names and sizes as builds have them.</summary>
    private sealed class HalfwayBuilder(PagesWorld world) : IImageBuilder
    {
        private static readonly Rule TooSmall = new("PL4902", Severity.Error, "the partition 'root' holds 2 GiB and 2.3 GiB were to go there; make it larger");

        public async Task<ImmutableArray<Result<Artifact>>> BuildAsync(ImmutableArray<Target> targetsOfOneSource, BuildContext context, CancellationToken ct)
        {
            var image = targetsOfOneSource[0].Image;
            using (var unpack = context.Reporter.Begin($"unpack {image.Source.Text}", 312 << 20))
                unpack.Advance(312 << 20);
            if (world.IsLastRound && image.Name == "player")
                return [.. targetsOfOneSource.Select(_ => Result<Artifact>.Failed(Diagnostic.Create(TooSmall, image.Span)))];
            if (world.IsLastRound && image.Name == "kiosk")
                await WaitAsync(targetsOfOneSource[0], context);
            return [.. targetsOfOneSource.Select(t => Build(t, context))];
        }

        private async Task WaitAsync(Target target, BuildContext context)
        {
            using var pack = context.Reporter.Begin($"compress {target.Image.Name}-{target.Board.Name}.img.zst", null);
            using var write = context.Reporter.Begin($"write {target.Image.Name}-{target.Board.Name}.img", 1536L << 20);
            write.Advance(651L << 20);
            world._halfway.TrySetResult();
            await world._goOn.Task;
        }

        private static Result<Artifact> Build(Target target, BuildContext context)
        {
            var name = $"{target.Image.Name}-{target.Board.Name}.img";
            var files = new[] { (name + ".zst", 402_431_187), (name + ".bmap", 18_204) };
            var isNew = target.Inputs!.Observed.Values.Any(v => v is "41.20261117" or "41.20261120");
            var packages = $"bash 5.2.21-1;curl 8.{(isNew ? "10.1" : "9.1")}-1;kernel 6.{(isNew ? "12.7" : "12.4")}-1;openssl 3.2.2-4";
            return new Artifact(target, [.. files.Select(f => Make(context, f.Item1, f.Item2, target))], [])
            {
                Inventory = context.ListPackages ? SampleInventories.Rpm(target.Board.Platform.ToString(), packages, target.Image.Name) : null,
            };
        }

        private static ArtifactFile Make(BuildContext context, string name, int length, Target target)
        {
            var path = Path.Combine(context.OutputDirectory, name);
            using (var file = File.Create(path))
                file.SetLength(length);
            return new(path, name, new(length), Digest.Sha256(System.Text.Encoding.UTF8.GetBytes(name + target.Resolved)));
        }
    }
}
