using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Cli;

public sealed class SettledConfigTests
{
    [Fact]
    public void Who_changes_what_a_service_was_composed_from_hears_that_it_waits()
    {
        using var repository = new ManifestRepository();
        var settled = new SettledConfig(repository.Read().Value!);
        repository.Edit(ManifestRepository.Kiosk, "hostname: kiosk", "hostname: lobby");
        settled.Compare(repository.Read()).Diagnostics.ShouldBeEmpty();
        repository.Edit(ManifestRepository.Pipeline, "directory: out", "directory: elsewhere");
        var told = settled.Compare(repository.Read()).Diagnostics.ShouldHaveSingleItem();
        (told.Rule.Code, told.Span!.File).ShouldBe(("PL9202", "pipeline.yaml"));
        repository.Write(ManifestRepository.Pipeline, ManifestRepository.PipelineText);
        settled.Compare(repository.Read()).Diagnostics.ShouldBeEmpty();
    }
}
