using System.Diagnostics;
using Shouldly;

namespace Pipeline.Kit;

/// <summary>The real program in a process that a test shapes: another user, no PATH, a shell around it.</summary>
public static class PipelineProcess
{
    public static string Dll { get; } = Path.Combine(AppContext.BaseDirectory, "pipeline.dll");

    /// <summary>Absolute, for those without a PATH.</summary>
    public static string Dotnet { get; } = Environment.ProcessPath is { } self && Path.GetFileName(self) == "dotnet" ? self : Find();

    /// <summary>The program with all that lies beside it, where other users may read it.</summary>
    public static string CopyTo(string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (var file in Directory.EnumerateFiles(AppContext.BaseDirectory).Where(f => Path.GetFileName(f).StartsWith("Pipeline.Tests", StringComparison.Ordinal) is false))
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        Tool.Require("chmod", "-R", "a+rX", folder);
        return Path.Combine(folder, "pipeline.dll");
    }

    /// <summary>A folder with a <c>pipeline</c> that scripts can call; for the front of their PATH.</summary>
    public static string PutOnPath(string folder)
    {
        var program = Path.Combine(Directory.CreateDirectory(folder).FullName, "pipeline");
        File.WriteAllText(program, $"#!/bin/sh\nexec '{Dotnet}' '{Dll}' \"$@\"\n");
        Tool.Require("chmod", "+x", program);
        return folder;
    }

    /// <summary>Runs a line of bash, such as <c>umask 077; exec dotnet …</c>, that must end with 0.</summary>
    public static string Bash(string line, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("bash", ["-c", line]);
        var result = Run(start, environment);
        result.ExitCode.ShouldBe(0, $"{line}\n{result.Output}");
        return result.Output;
    }

    public static ToolResult Run(ProcessStartInfo start, params (string Name, string Value)[] environment)
    {
        start.RedirectStandardOutput = start.RedirectStandardError = start.RedirectStandardInput = true;
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var stdout = process.StandardOutput.ReadToEndAsync();
        var stderr = process.StandardError.ReadToEndAsync();
        process.WaitForExit(Tool.Limit).ShouldBeTrue($"{start.FileName} did not end within {Tool.Limit}");
        return new(process.ExitCode, stdout.Result, stderr.Result);
    }

    private static string Find() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(p => Path.Combine(p, "dotnet")).FirstOrDefault(File.Exists)
        ?? throw new InvalidOperationException("there is no dotnet in PATH");
}
