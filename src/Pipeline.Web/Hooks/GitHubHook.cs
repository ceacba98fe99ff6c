using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Pipeline.Engine.Publishing;

namespace Pipeline.Web.Hooks;

/// <summary>
/// Webhooks of GitHub: HMAC-SHA256 of the body in <c>X-Hub-Signature-256</c>. The body itself is not read: what happened
/// is in a header, and a round looks for itself what follows from it.
/// </summary>
internal sealed class GitHubHook(Secret secret)
{
    private const string Prefix = "sha256=";
    private static readonly string[] Telling = ["push", "create", "delete", "release", "package", "registry_package", "repository_dispatch", "workflow_run"];
    private readonly ReplayGuard _seen = new(10_000);

    /// <exception cref="BadHttpRequestException">The body is larger than the server takes.</exception>
    public async Task<HookResult> ReceiveAsync(HttpRequest request)
    {
        var said = request.Headers["X-Hub-Signature-256"].ToString();
        var hash = await HashAsync(request);
        if (!said.StartsWith(Prefix, StringComparison.Ordinal) || !IsSame(said[Prefix.Length..], hash))
            return HookResult.Refused;
        // The number of the delivery is not signed, the body is: a body that came before is a replay under any number.
        if (!_seen.TryTake(Convert.ToHexStringLower(hash)))
            return HookResult.Replayed;
        return Telling.Contains(request.Headers["X-GitHub-Event"].ToString(), StringComparer.Ordinal) ? HookResult.Accepted : HookResult.Ignored;
    }

    private static bool IsSame(string hex, byte[] hash)
    {
        Span<byte> said = stackalloc byte[HMACSHA256.HashSizeInBytes];
        return hex.Length == 2 * said.Length && Convert.FromHexString(hex, said, out _, out _) == OperationStatus.Done
            && CryptographicOperations.FixedTimeEquals(said, hash);
    }

    private async Task<byte[]> HashAsync(HttpRequest request)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(secret.Reveal()));
        var buffer = ArrayPool<byte>.Shared.Rent(16 << 10);
        try
        {
            for (int count; (count = await request.Body.ReadAsync(buffer, request.HttpContext.RequestAborted)) > 0;)
                hash.AppendData(buffer, 0, count);
            return hash.GetHashAndReset();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
