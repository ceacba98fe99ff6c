using System.Text;
using System.Text.RegularExpressions;
using Pipeline.Core.Reporting;
using Pipeline.Core.Units;
using Pipeline.Engine.Publishing;
using Pipeline.Engine.Publishing.Proof;
using Pipeline.Engine.Publishing.Reading;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Verifying;

/// <summary>A release as it was made verifies; a release with one byte changed anywhere does not, and each mistake is told.</summary>
public sealed class ReleaseVerifierTests : IAsyncLifetime
{
    private SignedRelease _release = null!;
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _release = await SignedRelease.MakeAsync(SigningKeys.Known, Ct);

    public ValueTask DisposeAsync()
    {
        _release.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_signed_release_is_right_in_everything()
    {
        var report = await VerifyAsync();
        report.Diagnostics.ShouldBeEmpty();
        report.Files.Select(f => f.Name).ShouldBe(["CHANGELOG.md", "inputs.json", "kiosk-pc.img", "kiosk-pi.img", "kiosk.changes.json", "kiosk.intoto.jsonl"]);
        report.Files.ShouldAllBe(f => f.Checksum == Verdict.Right);
        report.Files.Where(f => f.Name != "kiosk.intoto.jsonl").ShouldAllBe(f => f.Provenance == Verdict.Right);
        report.Signature.ShouldBe(Verdict.Right);
        report.Envelopes.ShouldBe(Verdict.Right);
        report.Builds.Select(b => b.TargetId).ShouldBe(["kiosk/pc/disk", "kiosk/pi/disk", null]);
        report.Record!.Version.ShouldBe("20261121.0");
    }

    [Theory]
    [InlineData("kiosk-pc.img", "PL6305")]
    [InlineData("CHANGELOG.md", "PL6305")]
    [InlineData("inputs.json", "PL6305")]
    [InlineData("kiosk.intoto.jsonl", "PL6305")]
    [InlineData("SHA256SUMS.sig", "PL6309")]
    [InlineData("SHA256SUMS.sigstore.json", "PL6310")]
    public async Task One_changed_byte_of_any_file_is_found(string file, string code)
    {
        var bytes = await File.ReadAllBytesAsync(_release[file], Ct);
        foreach (var at in new[] { 0, bytes.Length / 2, bytes.Length - (file.EndsWith("json", StringComparison.Ordinal) ? 3 : 1) })
        {
            var changed = bytes.ToArray();
            changed[at] ^= 1;
            await File.WriteAllBytesAsync(_release[file], changed, Ct);
            (await VerifyAsync()).Diagnostics.Select(d => d.Rule.Code).ShouldContain(code, $"{file} at {at}");
        }
        await File.WriteAllBytesAsync(_release[file], bytes, Ct);
        (await VerifyAsync()).IsRight.ShouldBeTrue();
    }

    /// <summary>Each byte of the list itself: digests, names and what is between them.</summary>
    [Fact]
    public async Task One_changed_byte_of_the_checksums_is_found_also_without_a_key()
    {
        var sums = await File.ReadAllBytesAsync(_release["SHA256SUMS"], Ct);
        for (var at = 0; at < sums.Length; at += 7)
        {
            var changed = sums.ToArray();
            changed[at] ^= 1;
            await File.WriteAllBytesAsync(_release["SHA256SUMS"], changed, Ct);
            (await VerifyAsync()).IsRight.ShouldBeFalse($"at {at}");
            (await VerifyAsync(null)).IsRight.ShouldBeFalse($"at {at}, without a key");
        }
    }

    /// <summary>Whoever changes a file and all sums above it fails at the signatures.</summary>
    [Fact]
    public async Task A_forgery_that_is_consistent_is_found_by_its_signatures_alone()
    {
        await ForgeAsync("kiosk-pc.img", bytes => bytes[10] ^= 1);
        var report = await VerifyAsync();
        report.Diagnostics.Select(d => d.Rule.Code).Distinct().Order().ShouldBe(["PL6309", "PL6310", "PL6314"]);
        File.Delete(_release["SHA256SUMS.sig"]);
        File.Delete(_release["SHA256SUMS.sigstore.json"]);
        (await VerifyAsync()).Diagnostics.Select(d => d.Rule.Code).Distinct().Order().ShouldBe(["PL6308", "PL6314"]);
        (await VerifyAsync(null)).IsRight.ShouldBeTrue("nobody can tell without a key");
    }

    [Fact]
    public async Task Another_key_has_not_signed_it()
    {
        var report = await VerifyAsync(SigningKeys.Other.Public);
        report.Signature.ShouldBe(Verdict.Wrong);
        report.Envelopes.ShouldBe(Verdict.Wrong);
        report.Diagnostics.Select(d => d.Rule.Code).Distinct().Order().ShouldBe(["PL6309", "PL6314"]);
    }

    [Fact]
    public async Task Without_a_key_the_signature_is_not_called_right()
    {
        var report = await VerifyAsync(null);
        report.IsRight.ShouldBeTrue();
        report.Signature.ShouldBe(Verdict.Unchecked);
        report.Envelopes.ShouldBe(Verdict.Unchecked);
        report.Diagnostics.ShouldHaveSingleItem().Rule.ShouldBe(VerifyRules.KeyUnknown);
    }

    [Theory]
    [InlineData("a subject more", "\"subject\":[", "\"subject\":[{\"name\":\"more.img\",\"digest\":{\"sha256\":\"0000000000000000000000000000000000000000000000000000000000000000\"}},", "PL6316")]
    [InlineData("a subject's name", "\"kiosk-pc.img\"", "\"kiosk-pd.img\"", "PL6316")]
    [InlineData("another form", "https://in-toto.io/Statement/v1", "https://in-toto.io/Statement/v0.1", "PL6315")]
    [InlineData("another predicate", "https://slsa.dev/provenance/v1", "https://slsa.dev/provenance/v2", "PL6315")]
    [InlineData("another build type", "urn:pipeline:disk-image:v1", "urn:other", "PL6315")]
    [InlineData("no builder", "\"id\":\"urn:pipeline:builder:local\"", "\"id\":\"\"", "PL6315")]
    [InlineData("a dependency without a digest", "\"name\":\"source\",", "\"name\":\"x\",\"digest\":{}},{\"name\":\"source\",", "PL6315")]
    [InlineData("another board", "\"board\":\"pc\"", "\"board\":\"pd\"", "PL6317")]
    [InlineData("another image", "\"image\":\"kiosk\"", "\"image\":\"desk\"", "PL6317")]
    [InlineData("another input", "\"board.platform\":\"linux/amd64\"", "\"board.platform\":\"linux/386\"", "PL6317")]
    [InlineData("no JSON", "{\"_type\"", "\"_type\"", "PL6315")]
    public async Task What_a_statement_says_is_held_against_the_release(string what, string old, string now, string code)
    {
        await RestateAsync(text => text.Contains(old, StringComparison.Ordinal) ? text.Replace(old, now, StringComparison.Ordinal) : text);
        var report = await VerifyAsync(null);
        report.IsRight.ShouldBeFalse(what);
        report.Diagnostics.Select(d => d.Rule.Code).ShouldContain(code, what);
    }

    [Fact]
    public async Task A_list_of_subjects_with_one_left_out_is_found()
    {
        await RestateAsync(text => Regex.Replace(text, "\\{\"name\":\"CHANGELOG.md\",\"digest\":\\{[^}]*\\}\\},?", ""));
        var report = await VerifyAsync(null);
        report.Diagnostics.ShouldContain(d => d.Rule == VerifyRules.SubjectDiffers && d.Message.Contains("CHANGELOG.md", StringComparison.Ordinal));
        report.Files.Single(f => f.Name == "CHANGELOG.md").Provenance.ShouldBe(Verdict.Wrong);
    }

    [Fact]
    public async Task Every_mistake_is_told_and_not_only_the_first()
    {
        File.Delete(_release["kiosk-pi.img"]);
        await File.AppendAllTextAsync(_release["kiosk-pc.img"], "more", Ct);
        await File.WriteAllTextAsync(_release["stranger.txt"], "hello", Ct);
        var codes = (await VerifyAsync(SigningKeys.Other.Public)).Diagnostics.Select(d => d.Rule.Code).Distinct().Order();
        codes.ShouldBe(["PL6304", "PL6305", "PL6306", "PL6309", "PL6314"]);
    }

    [Fact]
    public async Task One_file_needs_only_itself_and_what_proves_it()
    {
        File.Delete(_release["kiosk-pi.img"]);
        File.Delete(_release["CHANGELOG.md"]);
        var report = await VerifyAsync(SigningKeys.Known.Public, "kiosk-pc.img");
        report.Diagnostics.ShouldBeEmpty();
        report.Files.Select(f => f.Name).ShouldBe(["inputs.json", "kiosk-pc.img", "kiosk.intoto.jsonl"]);
        File.Delete(_release["inputs.json"]);
        File.Delete(_release["kiosk.intoto.jsonl"]);
        var alone = await VerifyAsync(SigningKeys.Known.Public, "kiosk-pc.img");
        alone.Files.ShouldHaveSingleItem().Checksum.ShouldBe(Verdict.Right);
        alone.Diagnostics.ShouldHaveSingleItem().Rule.ShouldBe(VerifyRules.NoProvenance);
        await File.WriteAllTextAsync(_release["stranger.txt"], "hello", Ct);
        (await VerifyAsync(null, "stranger.txt")).Diagnostics.ShouldContain(d => d.Rule == VerifyRules.NotListed);
    }

    [Fact]
    public async Task An_old_release_in_place_of_the_one_that_was_asked_for_is_found()
    {
        var report = await new ReleaseVerifier(SilentReporter.Instance).VerifyAsync(new LocalFiles(_release.Directory), new(SigningKeys.Known.Public, null, new("kiosk", "20261122.0")), Ct);
        report.Diagnostics.ShouldHaveSingleItem().Rule.ShouldBe(VerifyRules.OtherRelease);
    }

    [Fact]
    public async Task A_target_that_is_carried_over_keeps_its_statement()
    {
        var first = await VerifyAsync();
        _release.Factory.ManifestInputs = (_, board) => new Dictionary<string, string> { [board.Name == "pc" ? "customize.hostname" : "board.platform"] = board.Platform.ToString() };
        await _release.NextAsync("v1", Ct);
        var report = await VerifyAsync();
        report.Diagnostics.ShouldBeEmpty();
        report.Record!.Targets.Values.Select(t => t.BuiltIn).ShouldBe(["20261121.1", "20261121.0"]);
        report.Builds.Length.ShouldBe(first.Builds.Length);
    }

    [Theory]
    [InlineData("", "PL6303")]
    [InlineData("hello\n", "PL6303")]
    public async Task Without_checksums_that_can_be_read_nothing_is_right(string text, string code)
    {
        await File.WriteAllTextAsync(_release["SHA256SUMS"], text, Ct);
        (await VerifyAsync()).Diagnostics.ShouldHaveSingleItem().Rule.Code.ShouldBe(code);
        File.Delete(_release["SHA256SUMS"]);
        (await VerifyAsync()).Diagnostics.ShouldHaveSingleItem().Rule.Code.ShouldBe("PL6302");
    }

    [Fact]
    public async Task Parts_and_packed_files_are_put_together()
    {
        var image = await File.ReadAllBytesAsync(_release["kiosk-pc.img"], Ct);
        await File.WriteAllBytesAsync(_release["kiosk-pc.img.000"], image[..5000], Ct);
        await File.WriteAllBytesAsync(_release["kiosk-pc.img.001"], image[5000..], Ct);
        await File.WriteAllTextAsync(_release["kiosk-pc.img.parts"], "", Ct);
        File.Delete(_release["kiosk-pc.img"]);
        Tool.Require("zstd", "-q", "--rm", _release["kiosk-pi.img"]);
        (await VerifyAsync()).Diagnostics.ShouldBeEmpty();
        await File.WriteAllBytesAsync(_release["kiosk-pc.img.000"], image[..4999], Ct);
        await File.WriteAllTextAsync(_release["kiosk-pi.img.zst"], "(\xB5/\xFDnonsense", Encoding.Latin1, Ct);
        (await VerifyAsync()).Diagnostics.Select(d => d.Rule.Code).ShouldBe(["PL6305", "PL6303"]);
    }

    /// <summary>Whoever opens a pipe waits until somebody writes into it.</summary>
    [Theory]
    [InlineData("CHANGELOG.md", "PL6304")]
    [InlineData("kiosk.intoto.jsonl", "PL6304")]
    [InlineData("SHA256SUMS", "PL6302")]
    public async Task A_pipe_in_place_of_a_file_keeps_nobody_waiting(string file, string code)
    {
        File.Delete(_release[file]);
        Tool.Require("mkfifo", _release[file]);
        (await VerifyAsync()).Diagnostics.Select(d => d.Rule.Code).ShouldContain(code);
    }

    [Theory]
    [InlineData("  ../../etc/passwd", "../../etc/passwd")]
    [InlineData(" */etc/passwd", "/etc/passwd")]
    [InlineData(" *./kiosk-pc.img", "./kiosk-pc.img")]
    public async Task What_is_listed_and_not_checked_is_told(string line, string name)
    {
        _release = await ReplaceAsync(null);
        await File.AppendAllTextAsync(_release["SHA256SUMS"], new string('0', 64) + line + "\n", Ct);
        var report = await VerifyAsync(null);
        report.Diagnostics.Where(d => d.Rule == VerifyRules.NotChecked).ShouldHaveSingleItem().Message.ShouldContain($"'{name}'");
        (await VerifyAsync(null, "kiosk-pc.img")).Diagnostics.ShouldNotContain(d => d.Rule == VerifyRules.NotChecked);
    }

    private async Task<SignedRelease> ReplaceAsync(SigningKey? key)
    {
        _release.Dispose();
        return await SignedRelease.MakeAsync(key, Ct);
    }

    private Task<VerifyReport> VerifyAsync() => VerifyAsync(SigningKeys.Known.Public);

    private Task<VerifyReport> VerifyAsync(VerificationKey? key, string? file = null) =>
        new ReleaseVerifier(SilentReporter.Instance).VerifyAsync(new LocalFiles(_release.Directory), new(key, file, null), Ct);

    /// <summary>Changes statements as somebody without the key would: all checksums fit afterwards.</summary>
    private async Task RestateAsync(Func<string, string> change)
    {
        var (envelopes, _) = DsseEnvelope.ReadLines(await File.ReadAllBytesAsync(_release["kiosk.intoto.jsonl"], Ct));
        var lines = DsseEnvelope.WriteLines(envelopes!.Value.Select(e => e with { Payload = Encoding.UTF8.GetBytes(change(Encoding.UTF8.GetString(e.Payload.Span))) }));
        await File.WriteAllBytesAsync(_release["kiosk.intoto.jsonl"], lines, Ct);
        await RelistAsync("kiosk.intoto.jsonl");
    }

    private async Task ForgeAsync(string file, Action<byte[]> change)
    {
        var bytes = await File.ReadAllBytesAsync(_release[file], Ct);
        var old = Digest.Sha256(bytes).Hex;
        change(bytes);
        File.Delete(_release[file]);
        await File.WriteAllBytesAsync(_release[file], bytes, Ct);
        var record = (await File.ReadAllTextAsync(_release["inputs.json"], Ct)).Replace(old, Digest.Sha256(bytes).Hex, StringComparison.Ordinal);
        var oldRecord = Digest.Sha256(await File.ReadAllBytesAsync(_release["inputs.json"], Ct)).Hex;
        await File.WriteAllTextAsync(_release["inputs.json"], record, Ct);
        await RelistAsync(file, "inputs.json");
        await RestateAsync(t => t.Replace(old, Digest.Sha256(bytes).Hex, StringComparison.Ordinal).Replace(oldRecord, Digest.Sha256(Encoding.UTF8.GetBytes(record)).Hex, StringComparison.Ordinal));
    }

    private async Task RelistAsync(params string[] files)
    {
        var sums = await File.ReadAllTextAsync(_release["SHA256SUMS"], Ct);
        foreach (var file in files)
            sums = Regex.Replace(sums, $"[0-9a-f]{{64}} \\*{Regex.Escape(file)}\n", $"{Digest.Sha256(await File.ReadAllBytesAsync(_release[file], Ct)).Hex} *{file}\n");
        await File.WriteAllTextAsync(_release["SHA256SUMS"], sums, Ct);
        await SumsFit();
    }

    private async Task SumsFit()
    {
        Sha256Sums.TryRead(await File.ReadAllTextAsync(_release["SHA256SUMS"], Ct), out var sums, out _).ShouldBeTrue();
        sums!.Count.ShouldBe(6);
    }
}
