using System.Collections.Concurrent;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Reporting;

namespace Pipeline.Oci.Registry.Auth;

/// <summary>
/// Finds credentials where podman and Docker keep them. A named file is the only one read; otherwise the first of the usual
/// files that has an entry wins. Asked once a repository and run.
/// </summary>
/// <param name="namedFile">Of the command line; null is REGISTRY_AUTH_FILE, if that is set.</param>
internal sealed class CredentialStore(string? namedFile, Func<string, string?> environment, IReporter reporter)
{
    private readonly ConcurrentDictionary<string, Lazy<Task<Credential?>>> _known = new(StringComparer.Ordinal);

    /// <summary>Credentials for <c>host/repository</c>; null is anonymous.</summary>
    /// <exception cref="RegistryException">An auth file cannot be used.</exception>
    /// <remarks>The search serves all callers, so that one who gives up does not end it for the others.</remarks>
    public Task<Credential?> FindAsync(string name, CancellationToken ct) =>
        _known.GetOrAdd(name, key => new Lazy<Task<Credential?>>(() => SearchAsync(key, CancellationToken.None))).Value.WaitAsync(ct);

    private async Task<Credential?> SearchAsync(string name, CancellationToken ct)
    {
        foreach (var (path, isLegacy) in Files())
        {
            if (await SearchAsync(AuthFile.Read(path, isLegacy), name, ct) is { } found)
                return found;
        }
        return null;
    }

    private async Task<Credential?> SearchAsync(AuthFile file, string name, CancellationToken ct)
    {
        var host = name.Split('/')[0];
        if (file.HelperFor(host) is { } helper && await AskAsync(helper.Suffix, helper.Key, ct) is { } helped)
            return helped;
        if (file.Find(name) is { } found)
            return found;
        var isHub = AuthFile.Normalise(host) == "index.docker.io";
        return file.Store is { Length: > 0 } store ? await AskAsync(store, isHub ? "https://index.docker.io/v1/" : host, ct) : null;
    }

    private async Task<Credential?> AskAsync(string suffix, string key, CancellationToken ct)
    {
        var (found, complaint) = await CredentialHelper.GetAsync(suffix, key, ct);
        if (complaint is not null)
            reporter.Diagnose(Diagnostic.Create(RegistryRules.HelperFailed, null, suffix, complaint));
        return found;
    }

    /// <summary>The files to read, in order; of the usual ones those that exist.</summary>
    internal IEnumerable<(string Path, bool IsLegacy)> Files()
    {
        if ((namedFile ?? Variable("REGISTRY_AUTH_FILE")) is { } named)
            return [(named, false)];
        var home = Variable("HOME") ?? "/";
        var usual = new List<(string Path, bool IsLegacy)>();
        if (Variable("XDG_RUNTIME_DIR") is { } runtime)
            usual.Add((Path.Combine(runtime, "containers", "auth.json"), false));
        else
            usual.Add(($"/run/containers/{Variable("UID") ?? "0"}/auth.json", false));
        usual.Add((Path.Combine(Variable("XDG_CONFIG_HOME") ?? Path.Combine(home, ".config"), "containers", "auth.json"), false));
        usual.Add((Path.Combine(Variable("DOCKER_CONFIG") ?? Path.Combine(home, ".docker"), "config.json"), false));
        usual.Add((Path.Combine(home, ".dockercfg"), true));
        return usual.Where(f => File.Exists(f.Path));
    }

    private string? Variable(string name) => environment(name) is { Length: > 0 } value ? value : null;
}
