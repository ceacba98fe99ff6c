using System.Buffers.Text;
using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Manifests.Yaml;

namespace Pipeline.Engine.Manifests.Reading;

/// <summary>One item of <c>customize.users</c>. A password or a private key that strayed into it is never repeated in a message.</summary>
internal sealed partial class UserReader(DiagnosticBag bag)
{
    private const int MaxKeyBytes = 16 << 10;

    private static readonly string[] KeyTypes =
    [
        "ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521",
        "sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com",
    ];

    public static bool IsName(string text) => Name().IsMatch(text);

    public User Read(YamlMap tree)
    {
        var name = tree.Scalar("name");
        if (name is not null && !IsName(name.Text))
            bag.Add(ManifestRules.UserName, name.Span, Message.Quote(name.Text), "user");
        foreach (var group in tree.Scalars("groups").Where(g => !IsName(g.Text)))
            bag.Add(ManifestRules.UserName, group.Span, Message.Quote(group.Text), "group");
        var uid = tree.Integer("uid");
        return new User(
            name?.Text ?? "",
            uid is >= 0 and < uint.MaxValue ? (uint)uid : null,
            ReadHash(tree.Scalar("passwordHash")),
            [.. tree.Scalars("sshKeys").Select(ReadKey).OfType<string>()],
            [.. tree.Scalars("groups").Select(g => g.Text)],
            ReadPath(tree.Scalar("shell")),
            ReadPath(tree.Scalar("home")),
            tree.Span);
    }

    private string? ReadHash(YamlScalar? hash)
    {
        if (hash is null)
            return null;
        // "!", "*" and "!hash" are how shadow(5) locks; an empty field would let everybody in, so it is no hash.
        if (hash.Text is "*" or "!" or "!!" or "!*" || CryptHash().IsMatch(hash.Text.TrimStart('!')))
            return hash.Text;
        bag.Add(ManifestRules.PlainPassword, hash.Span);
        return null;
    }

    private string? ReadPath(YamlScalar? scalar)
    {
        var path = PathText.Read(scalar, bag);
        if (path is null || !path.Contains(':'))
            return path;
        bag.Add(ManifestRules.UnclearPath, scalar!.Span, Message.Quote(path), "it has a ':', which separates the fields of /etc/passwd; remove it");
        return null;
    }

    private string? ReadKey(YamlScalar key)
    {
        var text = key.Text.Trim();
        if (text.Contains("PRIVATE KEY", StringComparison.Ordinal))
        {
            bag.Add(ManifestRules.PrivateKey, key.Span);
            return null;
        }
        if (KeyProblem(text) is not { } problem)
            return text;
        bag.Add(ManifestRules.SshKey, key.Span, problem);
        return null;
    }

    private static string? KeyProblem(string text)
    {
        if (text.Any(char.IsControl) || text.Length > MaxKeyBytes)
            return "it is not one line";
        // Options may stand in front of the type (authorized_keys(5)); they may hold spaces in quotes.
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var type = Array.FindIndex(words, w => KeyTypes.Contains(w));
        if (type < 0)
            return $"it has none of the types {Message.List(KeyTypes.Take(5))}";
        if (type + 1 >= words.Length || !Base64.IsValid(words[type + 1]))
            return "what follows the type is not base64";
        var blob = Convert.FromBase64String(words[type + 1]);
        // The blob begins with its own type (RFC 4253 §6.6), so that a cut or mixed-up line shows.
        var named = System.Text.Encoding.ASCII.GetBytes(words[type]);
        return blob.Length > named.Length + 4 && blob.AsSpan(4, named.Length).SequenceEqual(named) ? null : "the key and its type do not belong together";
    }

    [GeneratedRegex(@"\A[a-z_][a-z0-9_-]{0,31}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Name();

    // yescrypt, gost-yescrypt, scrypt, bcrypt, sha512crypt, sha256crypt: what crypt(5) calls acceptable for new hashes, and sha256.
    [GeneratedRegex(@"\A\$(y|gy)\$[./A-Za-z0-9]{1,20}\$[./A-Za-z0-9]{1,86}\$[./A-Za-z0-9]{43}\z|\A\$7\$[./A-Za-z0-9]{11,97}\$[./A-Za-z0-9]{43}\z|\A\$2[aby]\$[0-9]{2}\$[./A-Za-z0-9]{53}\z|\A\$6\$(rounds=[0-9]{1,9}\$)?[^$:\s]{1,16}\$[./A-Za-z0-9]{86}\z|\A\$5\$(rounds=[0-9]{1,9}\$)?[^$:\s]{1,16}\$[./A-Za-z0-9]{43}\z", RegexOptions.CultureInvariant)]
    private static partial Regex CryptHash();
}
