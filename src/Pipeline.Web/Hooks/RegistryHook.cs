using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Pipeline.Engine.Publishing;

namespace Pipeline.Web.Hooks;

/// <summary>
/// Notifications of registries (distribution's envelope of events): the secret stands in <c>Authorization: Bearer</c>,
/// which the registry's configuration sets. Events are known by their ids; those of other registries have none and count.
/// </summary>
internal sealed class RegistryHook(Secret secret, TimeProvider clock)
{
    private const int MaxBodyBytes = 1 << 20;
    private const string Scheme = "Bearer ";
    private static readonly TimeSpan MaxAge = TimeSpan.FromHours(1);
    private readonly ReplayGuard _seen = new(10_000);

    public async Task<HookResult> ReceiveAsync(HttpRequest request)
    {
        var said = request.Headers.Authorization.ToString();
        if (!said.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) || !IsSecret(said[Scheme.Length..]) || request.ContentLength > MaxBodyBytes)
            return HookResult.Refused;
        if (await ReadAsync(request) is not { } body)
            return HookResult.Refused;
        try
        {
            // Half of a surrogate pair is no JSON error, and no text either.
            using var document = JsonDocument.Parse(body, new() { MaxDepth = 32 });
            return Judge(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return HookResult.Refused;
        }
    }

    private HookResult Judge(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("events", out var events) || events.ValueKind != JsonValueKind.Array)
            return HookResult.Accepted;
        var result = HookResult.Ignored;
        foreach (var one in events.EnumerateArray())
        {
            if (one.ValueKind != JsonValueKind.Object || Text(one, "action") is "pull" or "mount")
                continue;
            // The registry repeats what it thinks was lost; that is answered well and asks for nothing.
            if (IsOld(one) || (Text(one, "id") is { Length: > 0 and <= 200 } id && !_seen.TryTake(id)))
                result = result == HookResult.Ignored ? HookResult.Replayed : result;
            else
                result = HookResult.Accepted;
        }
        return result;
    }

    private bool IsOld(JsonElement one) =>
        DateTimeOffset.TryParse(Text(one, "timestamp"), System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal, out var time)
        && clock.GetUtcNow() - time > MaxAge;

    private static string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>By hashes, so that the time tells nothing of the length either.</summary>
    private bool IsSecret(string said) =>
        CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(said)), SHA256.HashData(Encoding.UTF8.GetBytes(secret.Reveal())));

    /// <summary>Null where it is too long.</summary>
    private static async Task<byte[]?> ReadAsync(HttpRequest request)
    {
        using var body = new MemoryStream();
        var buffer = new byte[8 << 10];
        for (int count; (count = await request.Body.ReadAsync(buffer, request.HttpContext.RequestAborted)) > 0;)
        {
            if (body.Length + count > MaxBodyBytes)
                return null;
            body.Write(buffer, 0, count);
        }
        return body.ToArray();
    }
}
