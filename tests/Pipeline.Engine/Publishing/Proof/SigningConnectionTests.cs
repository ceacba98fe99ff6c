using Pipeline.Engine.Manifests.Models;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Publishing.Proof;

public sealed class SigningConnectionTests : IDisposable
{
    private readonly TempDir _temp = new();
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _temp.Dispose();

    [Fact]
    public async Task Without_signing_no_key_is_looked_for() =>
        (await new SigningConnection(null, _ => throw new InvalidOperationException("asked")).FindAsync(Ct)).ShouldSatisfyAllConditions(r => r.IsOk.ShouldBeTrue(), r => r.Value.ShouldBeNull());

    [Theory]
    [InlineData("the key itself", "PIPELINE_SIGNING_KEY")]
    [InlineData("a file", "PIPELINE_SIGNING_KEY_FILE")]
    [InlineData("a file of the manifest", null)]
    public async Task A_key_is_found(string what, string? variable)
    {
        var pem = SigningKeys.New(isEncrypted: true);
        File.WriteAllText(_temp["key.pem"], pem);
        File.WriteAllText(_temp["passphrase"], SigningKeys.Passphrase + "\n");
        var environment = new Dictionary<string, string> { ["PIPELINE_SIGNING_PASSPHRASE_FILE"] = _temp["passphrase"] };
        if (variable is not null)
            environment[variable] = variable.EndsWith("FILE", StringComparison.Ordinal) ? _temp["key.pem"] : pem;
        var found = await Find(new(variable is null ? _temp["key.pem"] : null, null, new("pipeline.yaml", 4, 1)), environment);
        found.Diagnostics.ShouldBeEmpty(what);
        found.Value!.Public.Id.ShouldBe(KeyFile.Read(new(pem, ""), new(SigningKeys.Passphrase, "")).Key!.Public.Id);
    }

    [Theory]
    [InlineData("no key", "", "", "PL5301")]
    [InlineData("no such file", "PIPELINE_SIGNING_KEY_FILE", "/nowhere/key.pem", "PL5304")]
    [InlineData("a file without an end", "PIPELINE_SIGNING_KEY_FILE", "/dev/zero", "PL5304")]
    [InlineData("no key in it", "PIPELINE_SIGNING_KEY", "hunter2", "PL5302")]
    public async Task What_is_wrong_is_told_at_the_place_of_signing_and_tells_no_secret(string what, string variable, string value, string code)
    {
        var found = await Find(new(null, null, new("pipeline.yaml", 4, 1)), new() { [variable] = value });
        var diagnostic = found.Diagnostics.ShouldHaveSingleItem(what);
        diagnostic.Rule.Code.ShouldBe(code);
        diagnostic.Span!.Line.ShouldBe(4);
        diagnostic.Message.ShouldNotContain("hunter2");
    }

    [Fact]
    public async Task A_key_that_is_not_the_public_one_of_the_repository_is_refused()
    {
        var pem = SigningKeys.New();
        File.WriteAllText(_temp["right.pem"], KeyFile.Read(new(pem, ""), null).Key!.Public.Pem);
        File.WriteAllText(_temp["wrong.pem"], SigningKeys.Other.Public.Pem);
        var environment = new Dictionary<string, string> { ["PIPELINE_SIGNING_KEY"] = pem };
        (await Find(new(null, _temp["right.pem"], new("pipeline.yaml", 4, 1)), environment)).IsOk.ShouldBeTrue();
        (await Find(new(null, _temp["wrong.pem"], new("pipeline.yaml", 4, 1)), environment)).Diagnostics.ShouldHaveSingleItem().Rule.Code.ShouldBe("PL5303");
    }

    private static async Task<Core.Diagnostics.Result<SigningKey?>> Find(SigningConfig config, Dictionary<string, string> environment) =>
        await new SigningConnection(config, environment.GetValueOrDefault!).FindAsync(Ct);
}
