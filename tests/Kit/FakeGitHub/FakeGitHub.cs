using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Pipeline.Kit;

/// <summary>How an answer goes wrong.</summary>
public enum GitHubFault
{
    /// <summary>Done, and answered 502.</summary>
    BadGatewayAfter,

    /// <summary>Not done, and answered 502; an upload leaves an empty <c>starter</c>.</summary>
    BadGatewayBefore,

    /// <summary>Done, and the connection is cut before the answer.</summary>
    LostAnswer,

    /// <summary>Done, and the connection is cut in the middle of the answer.</summary>
    BrokenAnswer,

    /// <summary>The connection is cut when half of the body was read; an upload leaves a <c>starter</c>.</summary>
    HalfRequest,

    /// <summary>403 with <c>retry-after: 7</c>: the secondary limit.</summary>
    RetryAfter,

    /// <summary>403 with nothing remaining for half an hour: the primary limit.</summary>
    PrimaryLimit,

    /// <summary>403 of a token that may not.</summary>
    Forbidden,

    /// <summary>404 although it exists.</summary>
    NotFound,

    /// <summary>Answered a quarter of a second late.</summary>
    Slow,

    /// <summary>Answered with what is no JSON.</summary>
    Garbage,
}

/// <param name="Path">Without the address of the server: <c>/repos/o/r/releases</c>.</param>
public sealed record GitHubRequest(string Method, string Path, string Query, IReadOnlyDictionary<string, string> Headers, int Status)
{
    public override string ToString() => $"{Method} {Path}{Query} {Status}";
}

/// <summary>
/// A GitHub Enterprise Server with one repository that keeps real state (releases, drafts, files, tags) and misbehaves on
/// command. Every request and answer is judged by GitHub's own description of its API; what it says is in <see cref="Complaints"/>.
/// </summary>
public sealed class FakeGitHub : IAsyncDisposable
{
    public const string Token = "ghp_PlantedTokenThatMustNeverBeSeenAnywhere";
    public const string Owner = "acme";
    public const string Repository = "images";

    private readonly WebApplication _server;
    private readonly FakeGitHubApi _api;
    private readonly List<(Func<GitHubRequest, bool> Matches, GitHubFault Fault)> _faults = [];

    private FakeGitHub(WebApplication server)
    {
        _server = server;
        server.Run(HandleAsync);
        server.Start();
        Address = server.Urls.First().TrimEnd('/');
        State = new FakeGitHubState(Address, Owner, Repository);
        _api = new FakeGitHubApi(State);
    }

    /// <summary><c>http://127.0.0.1:PORT</c></summary>
    public string Address { get; }

    public Uri Api => new(Address + "/api/v3/");

    public FakeGitHubState State { get; }

    public ConcurrentQueue<GitHubRequest> Requests { get; } = new();

    /// <summary>What the description of the API says of requests and answers, and forbidden doings.</summary>
    public ConcurrentQueue<string> Complaints { get; } = new();

    /// <summary>Called before a request is done; tests act as somebody else there.</summary>
    public Action<GitHubRequest> Before { get; set; } = _ => { };

    /// <summary>Answers have the headers of the primary limit.</summary>
    public bool CountsRequests { get; set; }

    public static FakeGitHub Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
        });
        return new(builder.Build());
    }

    /// <summary>The next request that matches goes wrong, once. Path is matched by its end, where a <c>*</c> at the end stands for anything.</summary>
    public FakeGitHub Plan(GitHubFault fault, string method, string path)
    {
        lock (_faults)
            _faults.Add((r => r.Method == method && Fits(r.Path + r.Query, path), fault));
        return this;
    }

    public IReadOnlyList<GitHubRequest> TakeRequests()
    {
        var taken = Requests.ToList();
        Requests.Clear();
        return taken;
    }

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    private static bool Fits(string text, string path) =>
        path.EndsWith('*') ? text.Contains(path[..^1], StringComparison.Ordinal) : text.EndsWith(path, StringComparison.Ordinal);

    private GitHubFault? TakeFault(GitHubRequest request)
    {
        lock (_faults)
        {
            var found = _faults.FindIndex(f => f.Matches(request));
            if (found < 0)
                return null;
            var fault = _faults[found].Fault;
            _faults.RemoveAt(found);
            return fault;
        }
    }

    private async Task HandleAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!;
        var headers = context.Request.Headers.ToDictionary(h => h.Key.ToLowerInvariant(), h => h.Value.ToString(), StringComparer.Ordinal);
        if (path.StartsWith("/storage/", StringComparison.Ordinal))
        {
            await SendFileAsync(context, headers);
            return;
        }
        var root = path.StartsWith("/api/uploads/", StringComparison.Ordinal) ? "/api/uploads" : "/api/v3";
        var request = new GitHubRequest(context.Request.Method, path.StartsWith(root, StringComparison.Ordinal) ? path[root.Length..] : path, context.Request.QueryString.Value ?? "", headers, 0);
        Before(request);
        CheckHeaders(request);
        var fault = TakeFault(request);
        var answer = await AnswerAsync(context, request, fault);
        Requests.Enqueue(request with { Status = answer?.Status ?? 0 });
        if (answer is null || fault is GitHubFault.LostAnswer or GitHubFault.HalfRequest)
            context.Abort();
        else
            await SendAsync(context, request, fault == GitHubFault.BadGatewayAfter ? FakeAnswer.BadGateway : answer, fault);
    }

    /// <summary>Null: the client went away in the middle of its request.</summary>
    private async Task<FakeAnswer?> AnswerAsync(HttpContext context, GitHubRequest request, GitHubFault? fault)
    {
        switch (fault)
        {
            case GitHubFault.RetryAfter:
                return FakeAnswer.Error(403, "You have exceeded a secondary rate limit.") with { Headers = [("Retry-After", "7")] };
            case GitHubFault.PrimaryLimit:
                var reset = State.Now.AddMinutes(30).ToUnixTimeSeconds();
                return FakeAnswer.Error(403, "API rate limit exceeded") with { Headers = [("x-ratelimit-limit", "5000"), ("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", $"{reset}")] };
            case GitHubFault.Forbidden:
                return FakeAnswer.Error(403, $"Resource not accessible by personal access token {Token}");
            case GitHubFault.NotFound:
                return FakeAnswer.Error(404, "Not Found");
            case GitHubFault.BadGatewayBefore:
                _api.Begin(request);
                return FakeAnswer.BadGateway;
            case GitHubFault.Garbage:
                return new(200, Encoding.UTF8.GetBytes("<html>A proxy greets you</html>"));
            case GitHubFault.Slow:
                await Task.Delay(250, context.RequestAborted);
                break;
        }
        return await _api.DoAsync(context, request, isHalf: fault == GitHubFault.HalfRequest, Complaints);
    }

    private void CheckHeaders(GitHubRequest request)
    {
        if (!request.Headers.ContainsKey("user-agent"))
            Complaints.Enqueue($"{request}: no user-agent");
        if (request.Headers.GetValueOrDefault("x-github-api-version") != "2022-11-28" && !request.Headers["user-agent"].StartsWith("Py", StringComparison.Ordinal))
            Complaints.Enqueue($"{request}: no api version");
    }

    private async Task SendAsync(HttpContext context, GitHubRequest request, FakeAnswer answer, GitHubFault? fault)
    {
        foreach (var complaint in fault is GitHubFault.Garbage ? [] : GitHubDescription.Instance.Answer(request.Method, request.Path, answer.Status, answer.Body))
            Complaints.Enqueue("answer: " + complaint);
        context.Response.StatusCode = answer.Status;
        foreach (var (name, value) in answer.Headers)
            context.Response.Headers[name] = value;
        if (CountsRequests && answer.Status < 400)
            (context.Response.Headers["x-ratelimit-limit"], context.Response.Headers["x-ratelimit-remaining"]) = ("5000", "4000");
        if (answer.Body is not { Length: > 0 } body)
            return;
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(fault is GitHubFault.BrokenAnswer ? body.AsMemory(0, body.Length / 2) : body, context.RequestAborted);
        if (fault is not GitHubFault.BrokenAnswer)
            return;
        // Without this the half would never leave.
        await context.Response.Body.FlushAsync(context.RequestAborted);
        context.Abort();
    }

    /// <summary>Another host in truth: a token must not come here.</summary>
    private async Task SendFileAsync(HttpContext context, Dictionary<string, string> headers)
    {
        var id = long.Parse(context.Request.Path.Value!.Split('/')[2]);
        FakeAsset? asset;
        lock (State.Lock)
            asset = State.Releases.SelectMany(r => r.Assets).FirstOrDefault(a => a.Id == id);
        Requests.Enqueue(new("GET", context.Request.Path, "", headers, asset is null ? 404 : 200));
        if (asset is null)
        {
            context.Response.StatusCode = 404;
            return;
        }
        context.Response.ContentLength = asset.Content.Length;
        await context.Response.Body.WriteAsync(asset.Content, context.RequestAborted);
    }
}
