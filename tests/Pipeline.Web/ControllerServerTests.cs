using System.Diagnostics;
using System.Net;
using System.Text;
using Pipeline.Engine.Reconciling;
using Pipeline.Kit;
using Pipeline.Web.Status;
using Shouldly;
using Xunit;

namespace Pipeline.Web;

public sealed class ControllerServerTests : IAsyncLifetime
{
    private const string Secret = "a secret of twenty-odd letters";
    private const string Push = "{\"ref\":\"refs/heads/main\"}";
    private readonly ManualClock _clock = new(new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero));
    private readonly WakeSignal _wake = new();
    private readonly HttpClient _client = new();
    private RoundLog _rounds = null!;
    private ControllerServer _server = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _rounds = new RoundLog(_clock);
        _server = await ControllerServer.StartAsync(
            new()
            {
                Listen = new(IPAddress.Loopback, 0), Rounds = _rounds, Wake = _wake, Interval = TimeSpan.FromMinutes(15), Clock = _clock,
                GitHubSecret = new(Secret, "a test"), RegistrySecret = new(Secret, "a test"),
            },
            Ct);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_hook_that_is_signed_as_openssl_signs_wakes_and_comes_once()
    {
        (await GitHubAsync(Push, Sign(Push, Secret))).ShouldBe(HttpStatusCode.Accepted);
        (await IsWokenAsync()).ShouldBeTrue();
        // The number of the delivery is not signed: another one makes no other delivery.
        (await GitHubAsync(Push, Sign(Push, Secret), delivery: "another")).ShouldBe(HttpStatusCode.Conflict);
        (await GitHubAsync(Push + " ", Sign(Push + " ", Secret))).ShouldBe(HttpStatusCode.Accepted);
    }

    [Fact]
    public async Task A_ping_is_answered_and_wakes_nobody()
    {
        (await GitHubAsync(Push, Sign(Push, Secret), @event: "ping")).ShouldBe(HttpStatusCode.OK);
        (await IsWokenAsync()).ShouldBeFalse();
    }

    [Theory]
    [InlineData("another secret", "")]
    [InlineData(Secret, "0")]
    public async Task What_is_not_signed_with_the_secret_is_refused(string secret, string more)
    {
        (await GitHubAsync(Push, Sign(Push, secret) + more)).ShouldBe(HttpStatusCode.Unauthorized);
        (await GitHubAsync(Push + "x", Sign(Push, Secret))).ShouldBe(HttpStatusCode.Unauthorized);
        (await GitHubAsync(Push, "sha256=")).ShouldBe(HttpStatusCode.Unauthorized);
        (await GitHubAsync(Push, "sha256=" + new string('g', 64))).ShouldBe(HttpStatusCode.Unauthorized);
        (await GitHubAsync(Push, "")).ShouldBe(HttpStatusCode.Unauthorized);
        (await IsWokenAsync()).ShouldBeFalse();
    }

    [Fact]
    public async Task Events_of_a_registry_wake_once_each_and_pulls_and_old_ones_do_not()
    {
        const string pushed = """{"events":[{"id":"1","timestamp":"2026-11-21T11:59:58.123Z","action":"push","target":{"repository":"x"}}]}""";
        (await RegistryAsync(pushed)).ShouldBe(HttpStatusCode.Accepted);
        (await IsWokenAsync()).ShouldBeTrue();
        (await RegistryAsync(pushed)).ShouldBe(HttpStatusCode.OK);
        (await RegistryAsync(pushed.Replace("push", "pull", StringComparison.Ordinal).Replace("\"1\"", "\"2\"", StringComparison.Ordinal))).ShouldBe(HttpStatusCode.OK);
        (await RegistryAsync(pushed.Replace("T11:", "T10:", StringComparison.Ordinal).Replace("\"1\"", "\"3\"", StringComparison.Ordinal))).ShouldBe(HttpStatusCode.OK);
        (await IsWokenAsync()).ShouldBeFalse();
        (await RegistryAsync("""{"repository":"what other registries send"}""")).ShouldBe(HttpStatusCode.Accepted);
    }

    [Theory]
    [InlineData("{}", "Bearer wrong secret", HttpStatusCode.Unauthorized)]
    [InlineData("{}", "Basic " + Secret, HttpStatusCode.Unauthorized)]
    [InlineData("{", "Bearer " + Secret, HttpStatusCode.Unauthorized)]
    [InlineData("""{"events":[{"action":"\ud800"}]}""", "Bearer " + Secret, HttpStatusCode.Unauthorized)]
    [InlineData("""{"events":[{"action":"pull"}]}""", "bearer " + Secret, HttpStatusCode.OK)]
    public async Task What_a_registry_may_not_say_is_refused_and_nothing_else(string body, string authorization, HttpStatusCode status)
    {
        (await RegistryAsync(body, authorization)).ShouldBe(status);
        (await IsWokenAsync()).ShouldBeFalse();
    }

    [Fact]
    public async Task Bodies_without_end_are_cut()
    {
        (await RegistryAsync("[\"" + new string('x', 2 << 20) + "\"]")).ShouldBe(HttpStatusCode.Unauthorized);
        using var endless = new HttpRequestMessage(HttpMethod.Post, _server.Address + "/hooks/github") { Content = new ByteArrayContent(new byte[26 << 20]) };
        try
        {
            (await _client.SendAsync(endless, Ct)).StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        }
        catch (HttpRequestException)
        {
            // The server may close the connection while the body is still being sent.
        }
    }

    [Fact]
    public async Task It_is_well_while_rounds_happen()
    {
        (await GetAsync("/healthz")).Status.ShouldBe(HttpStatusCode.OK);
        _clock.Now += TimeSpan.FromMinutes(32);
        (await GetAsync("/healthz")).Status.ShouldBe(HttpStatusCode.ServiceUnavailable);
        _rounds.Begin();
        _clock.Now += TimeSpan.FromHours(5);
        (await GetAsync("/healthz")).Status.ShouldBe(HttpStatusCode.OK, "a long round is no dead controller");
        _rounds.End(new([], []));
        _clock.Now += TimeSpan.FromMinutes(30);
        (await GetAsync("/healthz")).Status.ShouldBe(HttpStatusCode.OK);
        _clock.Now += TimeSpan.FromMinutes(2);
        (await GetAsync("/healthz")).Status.ShouldBe(HttpStatusCode.ServiceUnavailable);
    }

    [Fact]
    public async Task Metrics_are_what_Prometheus_own_client_reads()
    {
        _rounds.Begin();
        _clock.Now += TimeSpan.FromSeconds(12.5);
        _rounds.End(new([new("kiosk", ImageResult.Released, [], null, []), new("broken", ImageResult.Failed, [], null, [])], []));
        await GitHubAsync(Push, Sign(Push, Secret));
        await GitHubAsync(Push, "sha256=00");
        var (_, text) = await GetAsync("/metrics");
        var read = ReadMetrics(text);
        read.ExitCode.ShouldBe(0, read.Output);
        read.Stdout.ShouldContain("pipeline_rounds_total{'status': 'some_failed'} 1.0");
        read.Stdout.ShouldContain("pipeline_last_round_seconds{} 12.5");
        read.Stdout.ShouldContain("pipeline_images{'result': 'released'} 1.0");
        read.Stdout.ShouldContain("pipeline_webhooks_total{'sender': 'github', 'result': 'refused'} 1.0");
        ReadMetrics(text.Replace("} 1", "} one", StringComparison.Ordinal)).ExitCode.ShouldNotBe(0, "the judge can say no");
    }

    [Theory]
    [InlineData("GET", "/hooks/github", HttpStatusCode.MethodNotAllowed)]
    [InlineData("POST", "/hooks/other", HttpStatusCode.NotFound)]
    [InlineData("POST", "/healthz", HttpStatusCode.NotFound)]
    [InlineData("GET", "/../../etc/passwd", HttpStatusCode.NotFound)]
    [InlineData("HEAD", "/healthz", HttpStatusCode.OK)]
    public async Task There_is_nothing_else(string method, string path, HttpStatusCode status)
    {
        using var request = new HttpRequestMessage(new(method), _server.Address + path);
        (await _client.SendAsync(request, Ct)).StatusCode.ShouldBe(status);
    }

    [Theory]
    [InlineData("downloads", "downloads/")]
    [InlineData("images/kiosk", "kiosk/")]
    public async Task A_slash_that_was_left_out_is_put_there(string path, string location)
    {
        await using var world = await PagesWorld.StartAsync(Ct);
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
        using var answer = await client.GetAsync($"{world.Address.TrimEnd('/')}/{path}", Ct);
        answer.StatusCode.ShouldBe(HttpStatusCode.MovedPermanently);
        answer.Headers.Location.ShouldBe(new(location, UriKind.Relative));
        (await client.GetAsync($"{world.Address.TrimEnd('/')}/{path}x", Ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    private static ToolResult ReadMetrics(string text)
    {
        const string script = "import sys\nfrom prometheus_client.parser import text_string_to_metric_families\nfor f in text_string_to_metric_families(sys.argv[1]):\n  for s in f.samples: print(f'{s.name}{s.labels} {s.value}')";
        return Tool.Run(new ProcessStartInfo("python3", ["-c", script, text]));
    }

    /// <summary>By openssl, so that a mistake of ours is not made twice.</summary>
    private static string Sign(string body, string secret)
    {
        using var temp = new TempDir();
        File.WriteAllText(temp["body"], body);
        return "sha256=" + Tool.Require("openssl", "dgst", "-sha256", "-hmac", secret, "-r", temp["body"]).Split(' ')[0];
    }

    private Task<bool> IsWokenAsync() => _wake.WaitAsync(TimeSpan.FromMilliseconds(200), TimeProvider.System, Ct);

    private async Task<HttpStatusCode> GitHubAsync(string body, string signature, string @event = "push", string delivery = "1")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, _server.Address + "/hooks/github") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Add("X-GitHub-Event", @event);
        request.Headers.Add("X-GitHub-Delivery", delivery);
        request.Headers.Add("X-Hub-Signature-256", signature);
        return (await _client.SendAsync(request, Ct)).StatusCode;
    }

    private async Task<HttpStatusCode> RegistryAsync(string body, string authorization = "Bearer " + Secret)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, _server.Address + "/hooks/registry") { Content = new StringContent(body, Encoding.UTF8, "application/vnd.docker.distribution.events.v1+json") };
        request.Headers.TryAddWithoutValidation("Authorization", authorization);
        return (await _client.SendAsync(request, Ct)).StatusCode;
    }

    private async Task<(HttpStatusCode Status, string Text)> GetAsync(string path)
    {
        using var answer = await _client.GetAsync(_server.Address + path, Ct);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Ct));
    }
}
