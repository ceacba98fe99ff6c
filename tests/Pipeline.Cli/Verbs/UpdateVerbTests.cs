using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Cli.Verbs;

public sealed class UpdateVerbTests
{
    private const string Lock = """{"version":1,"remotes":[{"name":"git+https://git.example/acme/images","resolved":"1111111111111111111111111111111111111111","content":"sha256:1111111111111111111111111111111111111111111111111111111111111111"}]}""";

    /// <summary>What is written wrong is named by nobody; its pin would go, and come back as something newer.</summary>
    [Fact]
    public void A_mistake_in_a_manifest_does_not_lose_a_pin()
    {
        using var repository = new TarRepository();
        repository.Write("images/kiosk/image.yaml", "description: kiosk\nextends: git+htps://git.example/acme/images//images/base\n").Write("pipeline.lock", Lock);
        var result = repository.Pipeline.Run("update");
        result.ExitCode.ShouldBe(1, result.Output);
        result.Stderr.ShouldContain("images/kiosk/image.yaml:2:10: error ");
        result.Stderr.ShouldContain("pipeline.lock stays as it is");
        File.ReadAllText(repository["pipeline.lock"]).ShouldBe(Lock);
    }
}
