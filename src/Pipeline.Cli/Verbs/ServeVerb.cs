using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Units;
using Pipeline.Engine.Manifests;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Publishing;
using Pipeline.Web.Releases;

namespace Pipeline.Cli.Verbs;

/// <summary><c>pipeline serve</c>: a release for machines that boot over the network.</summary>
internal static class ServeVerb
{
    private const int DefaultPort = 8080;

    public static Command Create(CommonOptions common)
    {
        var release = new Argument<string?>("RELEASE") { HelpName = "RELEASE", Arity = ArgumentArity.ZeroOrOne, Description = "A release directory, or IMAGE[/VERSION] of the repository's releases" };
        var directory = new Option<string?>("--dir") { HelpName = "DIR", Description = "Serve the plain files of any directory instead" };
        var listen = new Option<string?>("--listen") { HelpName = "ADDRESS", Description = $"ADDRESS:PORT, or a port of this machine alone (default: 127.0.0.1:{DefaultPort}; port 0 takes any)" };
        var verb = new VerbCommand("serve", "Serve a release over HTTP to machines that boot over the network")
        {
            Notes = "Only files that SHA256SUMS lists can be fetched, by GET and HEAD, with ranges; the path / lists them. Without --listen\n"
                + "only this machine can reach it. There is no TLS and no password: firmware has none. Ctrl-C ends it.",
            Examples =
            [
                ("pipeline serve kiosk", "the newest release of an image, on this machine alone"),
                ("pipeline serve kiosk/2026.11.21 --listen 192.168.7.1:80", "one release, to a network"),
                ("pipeline serve out/kiosk --listen 0.0.0.0:8080", "what 'pipeline build --output out' made"),
                ("pipeline serve --dir netboot", "the files of a directory"),
            ],
            ExitCodes =
            [
                (ExitCode.Done, "it was told to stop"), (ExitCode.Mend, "there is no such release"), (ExitCode.TryAgain, "the address is taken"),
            ],
        }
        .With(release, directory, listen, common.Repository);
        verb.Validators.Add(result =>
        {
            if (result.GetResult(directory) is null == result.GetResult(release) is not { Tokens.Count: > 0 })
                result.AddError("name a release, or a directory with --dir");
        });
        return verb.Does(common, (run, ct) => ActAsync(run, run.Value(release), run.Value(directory), run.Value(listen) is { } address ? ListenAddress.Parse(address) : new(IPAddress.Loopback, DefaultPort), ct));
    }

    private static async Task<ExitCode> ActAsync(Run run, string? release, string? directory, IPEndPoint listen, CancellationToken ct)
    {
        var folder = directory is null ? FindRelease(run, release!) : ServedFolder.OfDirectory(directory);
        run.Tell(folder.Diagnostics);
        if (!folder.IsOk)
            return ExitCode.Mend;
        try
        {
            await using var server = await ReleaseServer.StartAsync(folder.Value!, listen, r => run.Teller.Announce(Line(r)), ct);
            if (!IPAddress.IsLoopback(listen.Address))
                run.Tell([Diagnostic.Create(ServeRules.OpenToAll, null, server.Address)]);
            run.Results.Write($"{server.Address}", "serving", json =>
            {
                json.WriteString("address", server.Address.ToString());
                json.WriteString("directory", folder.Value!.Path);
            });
            await server.RunAsync(ct);
            return ExitCode.Done;
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            run.Tell([Diagnostic.Create(ServeRules.CannotListen, null, listen, e.Message.TrimEnd('.'))]);
            return ExitCode.TryAgain;
        }
    }

    private static Result<ServedFolder> FindRelease(Run run, string release)
    {
        var store = Path.GetFullPath((WorkspaceReader.Read(run.RepositoryPath).Value?.Config ?? new PipelineConfig()).ReleaseDirectory, run.RepositoryPath);
        return ReleaseFolder.Find(release, store) is { } found
            ? ServedFolder.OfRelease(found)
            : Result<ServedFolder>.Failed(Diagnostic.Create(ServeRules.NoRelease, null, release, store));
    }

    private static string Line(ServedRequest request) =>
        $"{request.Client} {request.Method} {request.Path} {request.Status}{(request.Bytes is { } bytes ? $" {new ByteSize(bytes)}" : "")}";
}
