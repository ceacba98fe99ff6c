using System.Text;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Oci.Registry.Auth;

public sealed class CredentialStoreTests : IDisposable
{
    private readonly TempDir _temp = new();
    private readonly RecordingReporter _reporter = new();
    private readonly Dictionary<string, string?> _environment = [];

    public CredentialStoreTests() => _environment["HOME"] = _temp["home"];

    public void Dispose() => _temp.Dispose();

    [Theory]
    [InlineData("q.io/ns/repo", "by-repo")]
    [InlineData("q.io/ns/other", "by-ns")]
    [InlineData("q.io/else/where", "by-host")]
    [InlineData("docker.io/library/debian", "hub")]
    [InlineData("legacy.io/x", "by-url")]
    [InlineData("ns-only.io/b/x", null)]
    [InlineData("unknown.io/x", null)]
    public async Task The_longest_path_wins_and_hub_has_three_names(string name, string? user)
    {
        Write("home/.docker/config.json", $$$"""
            {"auths":{"q.io/ns/repo":{{{Auth("by-repo")}}},"q.io/ns":{{{Auth("by-ns")}}},"q.io":{{{Auth("by-host")}}},
            "https://index.docker.io/v1/":{{{Auth("hub")}}},"https://legacy.io/v2/":{{{Auth("by-url")}}},"ns-only.io/a":{{{Auth("a")}}},"empty.io":{}} }
            """);
        (await FindAsync(name))?.User.ShouldBe(user);
        ((await FindAsync(name)) is null).ShouldBe(user is null);
    }

    [Fact]
    public async Task Files_are_asked_in_order_and_a_named_one_alone()
    {
        _environment["XDG_RUNTIME_DIR"] = _temp["run"];
        Write("home/.dockercfg", $$$"""{"q.io":{{{Auth("legacy")}}}}""");
        (await FindAsync("q.io/x"))!.User.ShouldBe("legacy");
        Write("home/.docker/config.json", $$$"""{"auths":{"q.io":{{{Auth("docker")}}}}}""");
        (await FindAsync("q.io/x"))!.User.ShouldBe("docker");
        Write("home/.config/containers/auth.json", $$$"""{"auths":{"q.io":{{{Auth("config")}}}}}""");
        (await FindAsync("q.io/x"))!.User.ShouldBe("config");
        Write("run/containers/auth.json", $$$"""{"auths":{"q.io":{{{Auth("run")}}}}}""");
        (await FindAsync("q.io/x"))!.User.ShouldBe("run");
        Write("named.json", """{"auths":{}}""");
        _environment["REGISTRY_AUTH_FILE"] = _temp["named.json"];
        (await FindAsync("q.io/x")).ShouldBeNull();
    }

    [Fact]
    public async Task A_named_file_that_is_missing_or_broken_is_said()
    {
        _environment["REGISTRY_AUTH_FILE"] = _temp["absent.json"];
        (await Should.ThrowAsync<RegistryException>(() => FindAsync("q.io/x"))).Message.ShouldContain("does not exist");
        Write("absent.json", "{ s3cret");
        (await Should.ThrowAsync<RegistryException>(() => FindAsync("q.io/x"))).Message.ShouldEndWith("it is not JSON");
        Write("absent.json", """{"auths":{"q.io":{"auth":"s3cret!"}}}""");
        (await Should.ThrowAsync<RegistryException>(() => FindAsync("q.io/x"))).Message.ShouldNotContain("s3cret");
    }

    [Fact]
    public async Task A_helper_is_asked_and_a_failing_one_is_a_warning()
    {
        Helper("good", "read key; printf '{\"ServerURL\":\"%s\",\"Username\":\"for-%s\",\"Secret\":\"s3cret\"}' \"$key\" \"$key\"");
        Helper("token", "printf '{\"Username\":\"<token>\",\"Secret\":\"id\"}'");
        Helper("none", "echo 'credentials not found in native keychain'; exit 1");
        Helper("bad", "echo s3cret; exit 3");
        Write("home/.docker/config.json", """{"credHelpers":{"q.io":"good","t.io":"token","n.io":"none","b.io":"bad","m.io":"missing"},"credsStore":"none"}""");
        var path = Environment.GetEnvironmentVariable("PATH");
        Environment.SetEnvironmentVariable("PATH", _temp.Path + ":" + path);
        try
        {
            (await FindAsync("q.io/x")).ShouldNotBeNull(string.Join('\n', _reporter.Lines)).User.ShouldBe("for-q.io");
            (await FindAsync("t.io/x"))!.IdentityToken.ShouldBe("id");
            (await FindAsync("n.io/x")).ShouldBeNull();
            _reporter.Lines.ShouldBeEmpty();
            (await FindAsync("b.io/x")).ShouldBeNull();
            (await FindAsync("m.io/x")).ShouldBeNull();
        }
        finally
        {
            Environment.SetEnvironmentVariable("PATH", path);
        }
        _reporter.Lines.Count.ShouldBe(2);
        string.Join('\n', _reporter.Lines).ShouldNotContain("s3cret");
    }

    private Task<Credential?> FindAsync(string name) =>
        new CredentialStore(null, key => _environment.GetValueOrDefault(key), _reporter).FindAsync(name, TestContext.Current.CancellationToken);

    private static string Auth(string user) => $$$"""{"auth":"{{{Convert.ToBase64String(Encoding.UTF8.GetBytes(user + ":s3:cret"))}}}"}""";

    private void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_temp[path])!);
        File.WriteAllText(_temp[path], text);
    }

    private void Helper(string suffix, string script)
    {
        Write("docker-credential-" + suffix, $"#!/bin/sh\n{script}\n");
        Tool.Require("chmod", "+x", _temp["docker-credential-" + suffix]);
    }
}
