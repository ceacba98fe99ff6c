using System.Diagnostics;
using System.Text.Json;
using Pipeline.Kit;
using Shouldly;
using Xunit;
using YamlDotNet.Serialization;

namespace Pipeline.Workflows;

/// <summary>What <c>docs/many-machines</c> ships, before its judges.</summary>
public sealed class ManyMachinesTests
{
    [Fact]
    public void The_script_is_sound_for_bash() => Tool.Require("bash", "-n", Path.Combine(Documents.RootPath, "docs/many-machines/slurm.sh"));

    /// <summary>The judge is made of the schemas of Kubernetes' own API.</summary>
    [Fact]
    public void The_job_is_one_for_the_api_of_kubernetes()
    {
        var text = File.ReadAllText(Path.Combine(Documents.RootPath, "docs/many-machines/indexed-job.yaml"));
        Judge(text).ShouldBe("");
        Judge(text.Replace("completions: 3", "completions: three", StringComparison.Ordinal)).ShouldContain("must be integer", Case.Insensitive, "the judge can say no");
        Judge(text.Replace("- name: pipeline\n", "- title: pipeline\n", StringComparison.Ordinal)).ShouldContain("name");
        Judge(text.Replace("mountPath: /tmp", "mountPath: [/tmp]", StringComparison.Ordinal)).ShouldContain("must be string");
    }

    [Fact]
    public void The_job_says_its_count_twice_and_the_same()
    {
        var text = File.ReadAllText(Path.Combine(Documents.RootPath, "docs/many-machines/indexed-job.yaml"));
        text.ShouldContain("completions: 3\n");
        text.ShouldContain("- name: JOB_COMPLETIONS\n              value: \"3\"\n");
    }

    private static string Judge(string yaml)
    {
        const string script = "const {Job}=require(process.argv[1]);try{new Job(JSON.parse(require('fs').readFileSync(0))).validate()}catch(e){console.log(e.message)}";
        var graph = new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().Build().Deserialize<object>(yaml);
        var run = Tool.Run(new ProcessStartInfo(Npm.Node, ["-e", script, Npm.File("kubernetes-models", "batch/v1/Job.js")]), JsonSerializer.Serialize(Plain(graph)));
        run.ExitCode.ShouldBe(0, run.Output);
        return run.Stdout.Trim();
    }

    private static object? Plain(object? node) => node switch
    {
        IDictionary<object, object> map => map.ToDictionary(e => (string)e.Key, e => Plain(e.Value), StringComparer.Ordinal),
        IList<object> list => list.Select(Plain).ToList(),
        _ => node,
    };
}
