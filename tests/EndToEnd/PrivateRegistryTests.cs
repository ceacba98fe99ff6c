using System.Text;
using System.Text.Json;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.EndToEnd;

/// <summary>A real registry that wants a password: it is used, and it is found nowhere else.</summary>
public sealed class PrivateRegistryTests : IAsyncLifetime
{
    private DockerRegistry _registry = null!;
    private Fleet _fleet = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _registry = await DockerRegistry.StartAsync(Ct, isPrivate: true);
        _fleet = new Fleet(_registry).AddImage("kiosk", "secret/base");
        await _fleet.PushAsync("secret/base", ("one", "one"), Ct);
    }

    public ValueTask DisposeAsync()
    {
        _fleet.Dispose();
        _registry.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task An_auth_file_opens_it_and_the_password_is_found_nowhere()
    {
        using var elsewhere = new TempDir();
        SignIn(elsewhere["auth.json"], DockerRegistry.Password);
        var runs = new[]
        {
            await _fleet.RunAsync(Ct, "plan", "--verbose"),
            await _fleet.RunAsync(Ct, "reconcile", "--json", "--verbose"),
            await _fleet.RunAsync(Ct, "reconcile", "--verbose"),
        };
        foreach (var run in runs)
            ShouldKeepTheSecret(run.ShouldEndWith(0).Output, "output");
        _fleet.Releases("kiosk").Length.ShouldBe(1);
        // The search finds it where it stands.
        Should.Throw<ShouldAssertException>(() => ShouldKeepTheSecret(File.ReadAllText(elsewhere["auth.json"]), "auth file"));
        foreach (var file in Directory.EnumerateFiles(_fleet.WholePath, "*", SearchOption.AllDirectories))
            ShouldKeepTheSecret(Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file, Ct)), file);
    }

    [Fact]
    public async Task Without_credentials_or_with_wrong_ones_it_says_what_to_do()
    {
        var nobody = (await _fleet.RunAsync(Ct, "reconcile")).ShouldEndWith(1);
        nobody.Output.ShouldContain("images/kiosk/image.yaml:2:");
        nobody.Output.ShouldContain("PL2060");
        nobody.Output.ShouldContain("REGISTRY_AUTH_FILE");
        using var elsewhere = new TempDir();
        SignIn(elsewhere["auth.json"], "not-" + DockerRegistry.Password);
        var wrong = (await _fleet.RunAsync(Ct, "reconcile")).ShouldEndWith(1);
        wrong.Output.ShouldContain("PL2061");
        wrong.Output.ShouldContain(elsewhere["auth.json"]);
        ShouldKeepTheSecret(wrong.Output, "output");
        _fleet.Releases("kiosk").ShouldBeEmpty();
    }

    private static string Basic(string password) => Convert.ToBase64String(Encoding.UTF8.GetBytes($"{DockerRegistry.User}:{password}"));

    private static void ShouldKeepTheSecret(string text, string where)
    {
        text.Contains(DockerRegistry.Password, StringComparison.Ordinal).ShouldBeFalse(where);
        text.Contains(Basic(DockerRegistry.Password), StringComparison.Ordinal).ShouldBeFalse(where);
    }

    private void SignIn(string path, string password)
    {
        var auths = new Dictionary<string, object> { [_registry.Host] = new { auth = Basic(password) } };
        File.WriteAllText(path, JsonSerializer.Serialize(new { auths }));
        _fleet.Program.Environment["REGISTRY_AUTH_FILE"] = path;
    }
}
