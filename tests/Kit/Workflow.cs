using YamlDotNet.RepresentationModel;

namespace Pipeline.Kit;

/// <summary>One step of a job.</summary>
/// <param name="Run">Null for a step that uses an action.</param>
public sealed record WorkflowStep(string Name, string? Run, string? Uses, string? If, IReadOnlyDictionary<string, string> With, IReadOnlyDictionary<string, string> Env);

/// <summary>A workflow of GitHub Actions, or a composite action, as its file says it.</summary>
public sealed class Workflow
{
    private readonly YamlMappingNode _root;

    private Workflow(YamlMappingNode root) => _root = root;

    public static Workflow Read(string path)
    {
        var yaml = new YamlStream();
        using var reader = new StreamReader(path);
        yaml.Load(reader);
        return new((YamlMappingNode)yaml.Documents[0].RootNode);
    }

    /// <summary>Every <c>uses:</c> in the file, of jobs and of steps.</summary>
    public IEnumerable<string> Uses => All(_root).Where(n => n.Key == "uses").Select(n => n.Value.ToString());

    public IReadOnlyDictionary<string, string> Permissions => Strings(Find(_root, "permissions"));

    /// <summary>Names of the events that start it.</summary>
    public IReadOnlyCollection<string> Triggers => [.. Map(Find(_root, "on")!).Children.Keys.Select(k => k.ToString())];

    /// <summary>When its schedules come, in the five fields of cron.</summary>
    public IReadOnlyList<string> Crons => [.. All(Find(_root, "on")!).Where(n => n.Key == "cron").Select(n => n.Value.ToString())];

    /// <summary><c>group</c> and <c>cancel-in-progress</c>.</summary>
    public IReadOnlyDictionary<string, string> Concurrency => Strings(Find(_root, "concurrency"));

    /// <summary>Names of its jobs.</summary>
    public IReadOnlyCollection<string> Jobs => [.. Map(Find(_root, "jobs")!).Children.Keys.Select(k => k.ToString())];

    /// <summary>Of one job; empty where it has those of the whole workflow.</summary>
    public IReadOnlyDictionary<string, string> PermissionsOf(string job) => Strings(Find(Map(Find(Map(Find(_root, "jobs")!), job)!), "permissions"));

    /// <summary>None for a job that calls a workflow.</summary>
    public IReadOnlyList<WorkflowStep> Steps(string job) => Find(Map(Find(Map(Find(_root, "jobs")!), job)!), "steps") is { } steps ? Steps(steps) : [];

    /// <summary>Names of what a workflow takes when it is called.</summary>
    public IReadOnlyCollection<string> Inputs => [.. Strings(Find(Map(Find(Map(Find(_root, "on")!), "workflow_call")!), "inputs")).Keys];

    /// <summary>Names of what a job gives the workflow that it calls.</summary>
    public IReadOnlyCollection<string> CallWith(string job) => [.. Strings(Find(Map(Find(Map(Find(_root, "jobs")!), job)!), "with")).Keys];

    /// <summary>Of a composite action.</summary>
    public IReadOnlyList<WorkflowStep> ActionSteps => Steps(Find(Map(Find(_root, "runs")!), "steps")!);

    private static List<WorkflowStep> Steps(YamlNode steps) => [.. ((YamlSequenceNode)steps).Select(n => Step(Map(n)))];

    private static WorkflowStep Step(YamlMappingNode node)
    {
        var (run, uses) = (Find(node, "run")?.ToString(), Find(node, "uses")?.ToString());
        return new(Find(node, "name")?.ToString() ?? run ?? uses!, run, uses, Find(node, "if")?.ToString(), Strings(Find(node, "with")), Strings(Find(node, "env")));
    }

    private static YamlNode? Find(YamlMappingNode map, string key) => map.Children.TryGetValue(new YamlScalarNode(key), out var value) ? value : null;

    private static YamlMappingNode Map(YamlNode node) => (YamlMappingNode)node;

    private static Dictionary<string, string> Strings(YamlNode? node) =>
        (node as YamlMappingNode)?.Children.ToDictionary(c => c.Key.ToString(), c => c.Value.ToString(), StringComparer.Ordinal) ?? [];

    private static IEnumerable<(string Key, YamlNode Value)> All(YamlNode node) => node switch
    {
        YamlMappingNode map => map.Children.SelectMany(c => All(c.Value).Prepend((c.Key.ToString(), c.Value))),
        YamlSequenceNode list => list.SelectMany(All),
        _ => [],
    };
}
