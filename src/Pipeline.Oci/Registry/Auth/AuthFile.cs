using System.Text;
using System.Text.Json;
using Pipeline.Oci.Documents;

namespace Pipeline.Oci.Registry.Auth;

/// <summary>
/// One auth file of Docker or of the containers tools, as far as we need it. Keys of <see cref="Auths"/> are as written;
/// the legacy <c>~/.dockercfg</c> has them at its top level.
/// </summary>
internal sealed record AuthFile(
    string Path, IReadOnlyDictionary<string, JsonElement> Auths, IReadOnlyDictionary<string, string> Helpers, string? Store)
{
    private const int MaxBytes = 4 << 20;
    private const string HubKey = "index.docker.io";

    /// <exception cref="RegistryException">The file is there but cannot be used.</exception>
    public static AuthFile Read(string path, bool isLegacy)
    {
        try
        {
            if (new FileInfo(path).Length > MaxBytes)
                throw new RegistryException(RegistryRules.AuthFile, path, "it is larger than 4 MiB");
            var root = JsonDocument.Parse(File.ReadAllBytes(path)).RootElement;
            var auths = isLegacy ? root : root.Object("auths");
            return new(path, Members(auths), Texts(root.Object("credHelpers")), isLegacy ? null : root.Text("credsStore"));
        }
        catch (JsonException)
        {
            throw new RegistryException(RegistryRules.AuthFile, path, "it is not JSON");
        }
        catch (FormatException e)
        {
            throw new RegistryException(RegistryRules.AuthFile, path, e.Message);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RegistryException(RegistryRules.AuthFile, path, e is FileNotFoundException or DirectoryNotFoundException ? "it does not exist" : "it cannot be read");
        }
    }

    /// <summary>The entry for <c>host/path</c>: the longest path, then any key that means the same host.</summary>
    public Credential? Find(string name)
    {
        for (var key = name; key.Length > 0; key = key[..Math.Max(0, key.LastIndexOf('/'))])
        {
            if (Auths.TryGetValue(key, out var entry) && Decode(entry) is { } found)
                return found;
        }
        var host = Normalise(name);
        return Auths.Where(a => Normalise(a.Key) == host && IsHostKey(a.Key)).OrderBy(a => a.Key, StringComparer.Ordinal)
            .Select(a => Decode(a.Value)).FirstOrDefault(c => c is not null);
    }

    /// <summary>The helper for a host and the key to ask it with; null where none is named.</summary>
    public (string Suffix, string Key)? HelperFor(string host)
    {
        foreach (var (key, suffix) in Helpers.OrderBy(h => h.Key, StringComparer.Ordinal))
        {
            if (key == host || Normalise(key) == Normalise(host))
                return (suffix, key);
        }
        return null;
    }

    /// <summary>Docker Hub has three host names and one entry.</summary>
    public static string Normalise(string key)
    {
        var rest = key.StartsWith("https://", StringComparison.Ordinal) ? key[8..] : key.StartsWith("http://", StringComparison.Ordinal) ? key[7..] : key;
        var host = rest.Split('/')[0];
        return host is "docker.io" or "registry-1.docker.io" ? HubKey : host;
    }

    /// <summary>A key with a namespace is for that namespace only; <c>https://index.docker.io/v1/</c> is the host.</summary>
    private static bool IsHostKey(string key)
    {
        var rest = key[(key.IndexOf("://", StringComparison.Ordinal) is >= 0 and var at ? at + 3 : 0)..].TrimEnd('/');
        return rest != key.TrimEnd('/') || !rest.Contains('/');
    }

    private Credential? Decode(JsonElement entry)
    {
        if (entry.ValueKind != JsonValueKind.Object)
            return null;
        var token = entry.Text("identitytoken");
        var (user, password) = (entry.Text("username") ?? "", entry.Text("password") ?? "");
        if (entry.Text("auth") is { Length: > 0 } auth)
        {
            var bytes = new byte[auth.Length];
            if (!Convert.TryFromBase64String(auth, bytes, out var count))
                throw new RegistryException(RegistryRules.AuthFile, Path, "an 'auth' entry is not base64");
            var text = Encoding.UTF8.GetString(bytes, 0, count).Trim('\0');
            var colon = text.IndexOf(':', StringComparison.Ordinal);
            (user, password) = colon < 0 ? throw new RegistryException(RegistryRules.AuthFile, Path, "an 'auth' entry has no ':'") : (text[..colon], text[(colon + 1)..]);
        }
        return string.IsNullOrEmpty(token) && user.Length == 0 && password.Length == 0
            ? null : new Credential(user, password, string.IsNullOrEmpty(token) ? null : token, Path);
    }

    private static Dictionary<string, JsonElement> Members(JsonElement? map)
    {
        var members = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        if (map is { ValueKind: JsonValueKind.Object } found)
        {
            foreach (var member in found.EnumerateObject())
                members[member.Name] = member.Value;
        }
        return members;
    }

    private static Dictionary<string, string> Texts(JsonElement? map) =>
        Members(map).Where(m => m.Value.ValueKind == JsonValueKind.String).ToDictionary(m => m.Key, m => m.Value.GetString()!, StringComparer.Ordinal);
}
