using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Units;
using Pipeline.Engine.Planning;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Publishing.Proof;

public sealed class ReleaseSealTests
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>Two targets, one of them carried over from a release that somebody else built.</summary>
    public static ReleaseRecord Record { get; } = new(
        "kiosk", "20261121.0", "20261120.0", new string('a', 40), ImmutableSortedDictionary<string, string>.Empty,
        new[] { Target("pc", "20261121.0", "https://ci.example/images"), Target("pi", "20261120.0", null) }.ToImmutableSortedDictionary(t => t.Id, t => t, StringComparer.Ordinal));

    [Fact]
    public async Task A_signed_release_verifies_with_openssl_and_sigstore_and_is_the_same_every_time()
    {
        var documents = await SealAsync(SigningKeys.Known);
        documents.Select(d => d.Name).ShouldBe(["inputs.json", "kiosk.intoto.jsonl", "SHA256SUMS", "SHA256SUMS.sig", "SHA256SUMS.sigstore.json"]);
        foreach (var (first, second) in documents.Zip(await SealAsync(SigningKeys.Known)))
            second.Content.ToArray().ShouldBe(first.Content.ToArray(), first.Name);
        using var temp = new TempDir();
        foreach (var document in documents)
            await File.WriteAllBytesAsync(temp[document.Name], document.Content.ToArray(), Ct);
        await File.WriteAllTextAsync(temp["pub.pem"], SigningKeys.Known.Public.Pem, Ct);
        Tool.Require("openssl", "dgst", "-sha256", "-verify", temp["pub.pem"], "-signature", temp["SHA256SUMS.sig"], temp["SHA256SUMS"]).ShouldContain("Verified OK");
        Sigstore.Verify(documents[4].Content.ToArray(), SigningKeys.Known.Public, documents[2].Content.ToArray()).Output.ShouldContain("VERIFIED");
        var sums = Encoding.ASCII.GetString(documents[2].Content.Span);
        sums.ShouldContain("kiosk.intoto.jsonl");
        sums.ShouldNotContain(".sig");
    }

    [Fact]
    public async Task What_is_said_of_each_build_stands_in_a_statement_of_its_own()
    {
        var provenance = (await SealAsync(null)).Single(d => d.Name == "kiosk.intoto.jsonl");
        var (envelopes, problem) = DsseEnvelope.ReadLines(provenance.Content.Span);
        problem.ShouldBeNull();
        envelopes!.Value.ShouldAllBe(e => e.Signatures.IsEmpty);
        var text = string.Concat(envelopes.Value.Select(e => JsonSerializer.Serialize(JsonDocument.Parse(e.Payload), Readable) + "\n"));
        Golden.Match("statements.json", text);
    }

    [Fact]
    public async Task Without_a_key_that_was_asked_for_nothing_is_sealed()
    {
        var seal = ReleaseSeal.With(_ => Task.FromResult(Result<SigningKey?>.Failed(Diagnostic.Create(ProofRules.NoKey, null))));
        (await seal.CloseAsync(Contents(), Ct)).IsOk.ShouldBeFalse();
    }

    [Fact]
    public async Task Checksums_alone_need_no_key_and_no_provenance() =>
        (await ReleaseSeal.Plain.CloseAsync(Contents(), Ct)).Value.Select(d => d.Name).ShouldBe(["inputs.json", "SHA256SUMS"]);

    private static async Task<ImmutableArray<ReleaseDocument>> SealAsync(SigningKey? key) =>
        (await ReleaseSeal.With(_ => Task.FromResult(new Result<SigningKey?>(key, []))).CloseAsync(Contents(), Ct)).Value;

    private static ReleaseContents Contents() => new ReleaseContents(null!, Record).With(new ReleaseDocument("inputs.json", ReleaseRecordJson.Write(Record)));

    private static PublishedTarget Target(string board, string version, string? builder)
    {
        var deciding = new Dictionary<string, string>
        {
            [InputNames.SourceManifest] = Hash('1'), [InputNames.EngineFormat] = "2", ["board.platform"] = "linux/amd64", ["customize.hostname"] = "kiosk",
            ["customize.files[/etc/motd].content"] = Hash('2'), ["board.blobs[0].image"] = Hash('3'), ["customize.users[0].passwordHash"] = Hash('4'),
        };
        var observed = new Dictionary<string, string>
        {
            [InputNames.SourceReference] = "docker.io/library/debian:12", [InputNames.SourceIndex] = Hash('5'), [InputNames.BlobReference(0)] = "quay.io/acme/loader:1",
            [InputNames.GitCommit] = new string('a', 40) + (builder is null ? "+dirty" : ""), [InputNames.GitRepository] = "https://git.example/acme/images", [InputNames.BuildEpoch] = "1700000000",
        };
        if (builder is not null)
            observed[InputNames.Builder] = builder;
        return new($"kiosk/{board}/disk", version, new(deciding.ToImmutableSortedDictionary(StringComparer.Ordinal), observed.ToImmutableSortedDictionary(StringComparer.Ordinal)),
            [new($"kiosk-{board}.img.zst", new(10), Digest.Parse(Hash('6'))), new($"kiosk-{board}.img.bmap", new(5), Digest.Parse(Hash('7')))], []);
    }

    private static string Hash(char digit) => "sha256:" + new string(digit, 64);
}
