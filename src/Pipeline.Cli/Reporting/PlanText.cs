using System.Text.Json;
using Pipeline.Engine.Planning;

namespace Pipeline.Cli.Reporting;

/// <summary>A plan as a table for people, and as objects for machines.</summary>
internal static class PlanText
{
    public static string Render(BuildPlan plan, Paint paint)
    {
        var rows = new List<string[]> { (string[])["IMAGE", "BOARD", "OUTPUT", "STATE", "BECAUSE"] };
        var states = new List<TargetState?> { null };
        foreach (var step in plan.Steps)
        {
            var because = Because(step);
            rows.Add([step.Target.Image.Name, step.Target.Board.Name, OutputOf(step), StateOf(step.State), because.FirstOrDefault("")]);
            states.Add(step.State);
            rows.AddRange(because.Skip(1).Select(b => (string[])["", "", "", "", b]));
            states.AddRange(because.Skip(1).Select(_ => (TargetState?)null));
        }
        foreach (var image in plan.InvalidImages)
        {
            rows.Add([image, "-", "-", StateOf(TargetState.Invalid), "its manifest or pipeline.yaml has mistakes"]);
            states.Add(TargetState.Invalid);
        }
        var table = Text.Table(rows, (row, column, cell) =>
            row == 0 ? paint.Strong(cell) : column == 3 && states[row] is { } state ? Coloured(state, cell, paint) : column == 4 ? paint.Faint(cell) : cell);
        var retired = plan.Retired.Select(id => $"{id} is no longer asked for; the image's next release leaves it out\n");
        return table + string.Concat(retired) + Summary(plan) + "\n";
    }

    /// <summary>One <c>target</c> object for each target, one <c>invalidImage</c>, one <c>retired</c>, and a <c>plan</c> with the counts at the end.</summary>
    public static void WriteJson(BuildPlan plan, Results results)
    {
        foreach (var step in plan.Steps)
            results.WriteJson("target", json => WriteTarget(json, step));
        foreach (var image in plan.InvalidImages)
            results.WriteJson("invalidImage", json => json.WriteString("image", image));
        foreach (var id in plan.Retired)
            results.WriteJson("retired", json => json.WriteString("id", id));
        results.WriteJson("plan", json =>
        {
            json.WriteNumber("targets", plan.Steps.Length);
            foreach (var state in Enum.GetValues<TargetState>())
                json.WriteNumber(StateOf(state), plan.Steps.Count(s => s.State == state));
            json.WriteNumber("invalidImages", plan.InvalidImages.Length);
        });
    }

    /// <summary><c>3 targets: 1 current, 2 stale</c></summary>
    private static string Summary(BuildPlan plan)
    {
        var counts = plan.Steps.Select(s => s.State).Concat(plan.InvalidImages.Select(_ => TargetState.Invalid))
            .GroupBy(s => s).OrderBy(g => g.Key).Select(g => $"{g.Count()} {StateOf(g.Key)}").ToList();
        return counts.Count == 0 ? "no targets" : $"{(plan.Steps.Length == 0 ? "no targets" : Text.Count(plan.Steps.Length, "target"))}: {string.Join(", ", counts)}";
    }

    internal static List<string> Because(PlanStep step) => step.State switch
    {
        TargetState.Unreachable => ["its last release stays"],
        TargetState.Suspended => ["its manifest says suspend"],
        TargetState.Held => [step.Note ?? "", .. step.Because.Select(b => b.ToString())],
        _ => [.. step.Because.Select(b => b.ToString()).Concat(step.Note is { } note ? [note] : [])],
    };

    private static void WriteTarget(Utf8JsonWriter json, PlanStep step)
    {
        json.WriteString("id", step.Target.Id);
        json.WriteString("image", step.Target.Image.Name);
        json.WriteString("board", step.Target.Board.Name);
        json.WriteString("output", OutputOf(step));
        json.WriteString("state", StateOf(step.State));
        json.WriteString("note", step.Note);
        json.WriteStartArray("because");
        foreach (var reason in step.Because)
        {
            json.WriteStartObject();
            json.WriteString("kind", JsonNamingPolicy.CamelCase.ConvertName(reason.Kind.ToString()));
            json.WriteString("input", reason.Kind is ReasonKind.Input or ReasonKind.FileLost ? reason.Input : null);
            json.WriteString("old", reason.Old);
            json.WriteString("new", reason.New);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        WriteMap(json, "inputs", step.Target.Inputs?.Deciding);
        WriteMap(json, "observed", step.Target.Inputs?.Observed);
    }

    private static void WriteMap(Utf8JsonWriter json, string name, IReadOnlyDictionary<string, string>? map)
    {
        json.WriteStartObject(name);
        foreach (var (key, value) in map ?? new Dictionary<string, string>())
            json.WriteString(key, value);
        json.WriteEndObject();
    }

    internal static string OutputOf(PlanStep step) => step.Target.Output.Word;

    private static string StateOf(TargetState state) => state.ToString().ToLowerInvariant();

    private static string Coloured(TargetState state, string cell, Paint paint) => state switch
    {
        TargetState.Current => paint.Good(cell),
        TargetState.Stale or TargetState.Held => paint.Change(cell),
        TargetState.Suspended => paint.Faint(cell),
        _ => paint.Bad(cell),
    };
}
