using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using Pipeline.Oci.Documents;

namespace Pipeline.Oci.Registry.Auth;

/// <summary>
/// Runs <c>docker-credential-SUFFIX get</c>: the key on standard input, JSON on standard output. Its output is never shown,
/// as it holds the secret.
/// </summary>
internal static class CredentialHelper
{
    private const int MaxOutputChars = 1 << 20;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <returns>A credential, or null with the complaint why there is none; null and null where the helper knows nobody.</returns>
    public static async Task<(Credential? Found, string? Complaint)> GetAsync(string suffix, string key, CancellationToken ct)
    {
        if (suffix.Length == 0 || !suffix.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
            return (null, "has a name that no program may have");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(Limit);
        try
        {
            var (exitCode, output) = await RunAsync("docker-credential-" + suffix, key, limit.Token);
            if (exitCode != 0)
                return output.Contains("credentials not found", StringComparison.Ordinal) ? (null, null) : (null, $"ended with code {exitCode}");
            return Read(suffix, output);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return (null, $"did not answer within {Limit.TotalSeconds} s");
        }
        catch (Win32Exception)
        {
            return (null, "is not installed");
        }
        catch (Exception e) when (e is JsonException or FormatException or IOException)
        {
            return (null, "did not answer in the form of the protocol");
        }
    }

    /// <summary>A helper that knows only one registry may end without having read the question.</summary>
    private static async Task AskAsync(Process process, string key, CancellationToken ct)
    {
        try
        {
            await process.StandardInput.WriteAsync(key.AsMemory(), ct);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // Its exit code and its answer tell whether that was right.
        }
    }

    private static (Credential? Found, string? Complaint) Read(string suffix, string output)
    {
        using var json = JsonDocument.Parse(output);
        var (user, secret) = (json.RootElement.Text("Username") ?? "", json.RootElement.Text("Secret") ?? "");
        var origin = "docker-credential-" + suffix;
        if (secret.Length == 0)
            return (null, null);
        return (user == "<token>" ? new Credential("", "", secret, origin) : new Credential(user, secret, null, origin), null);
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(string program, string key, CancellationToken ct)
    {
        var start = new ProcessStartInfo(program, "get") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start) ?? throw new Win32Exception();
        try
        {
            await AskAsync(process, key, ct);
            var complaint = process.StandardError.ReadToEndAsync(ct);
            var output = await process.StandardOutput.ReadToEndAsync(ct);
            await process.WaitForExitAsync(ct);
            var text = output + (process.ExitCode == 0 ? "" : await complaint);
            return (process.ExitCode, text.Length > MaxOutputChars ? throw new FormatException("too long") : text);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }
}
