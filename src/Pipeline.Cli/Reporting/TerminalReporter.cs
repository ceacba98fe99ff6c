using Pipeline.Core.Diagnostics;
using Pipeline.Core.Reporting;
using Spectre.Console;

namespace Pipeline.Cli.Reporting;

/// <summary>
/// For somebody who watches: a bar for each piece of work under way, with its rate and the time it still takes, below the
/// lines of what has happened. The bars belong to a thread of their own and exist only while there is work.
/// </summary>
internal sealed class TerminalReporter(TextWriter error, Paint paint, Loudness loudness) : ITeller
{
    private readonly Lock _gate = new();
    private Bars? _bars;

    public void Diagnose(Diagnostic diagnostic)
    {
        var line = DiagnosticFormat.Human(diagnostic);
        var word = diagnostic.Rule.Severity == Severity.Error ? "error" : "warning";
        var at = line.IndexOf($"{word} {diagnostic.Rule.Code}", StringComparison.Ordinal);
        var end = at + word.Length + 1 + diagnostic.Rule.Code.Length;
        var marked = diagnostic.Rule.Severity == Severity.Error ? paint.Bad(line[at..end]) : paint.Change(line[at..end]);
        Write(paint.Strong(line[..at]) + marked + line[end..]);
    }

    public void Announce(string line)
    {
        if (!loudness.IsQuiet)
            Write(Plain.Line(line));
    }

    public IActivity Begin(string label, long? totalBytes)
    {
        if (loudness.IsQuiet)
            return SilentReporter.Instance.Begin(label, totalBytes);
        lock (_gate)
        {
            _bars ??= Bars.Show(error, paint.IsOn);
            return _bars.Begin(label, totalBytes);
        }
    }

    public void Settle()
    {
        Bars? ended;
        lock (_gate)
            (ended, _bars) = (_bars, null);
        ended?.Dispose();
    }

    public void Dispose() => Settle();

    private void Write(string line)
    {
        lock (_gate)
        {
            if (_bars is { } bars)
                bars.WriteAbove(line);
            else
                error.Write(line + "\n");
        }
    }

    /// <summary>One stretch of moving bars. Spectre.Console draws them until its callback returns, so a thread waits in there.</summary>
    private sealed class Bars : IDisposable
    {
        private readonly IAnsiConsole _console;
        private readonly ManualResetEventSlim _over = new();
        private readonly TaskCompletionSource<ProgressContext> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly Thread _thread;
        private readonly ProgressContext _context;

        private Bars(TextWriter error, bool isColoured)
        {
            _console = AnsiConsole.Create(new AnsiConsoleSettings
            {
                Ansi = AnsiSupport.Yes,
                ColorSystem = isColoured ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
                Out = new AnsiConsoleOutput(error),
            });
            _thread = new Thread(Draw) { IsBackground = true, Name = "progress bars" };
            _thread.Start();
            _context = _ready.Task.GetAwaiter().GetResult();
        }

        public static Bars Show(TextWriter error, bool isColoured) => new(error, isColoured);

        public IActivity Begin(string label, long? totalBytes)
        {
            var task = _context.AddTask(Markup.Escape(Plain.Line(label)), autoStart: true, maxValue: Math.Max(totalBytes ?? 1, 1));
            task.IsIndeterminate = totalBytes is null or 0;
            return new BarActivity(task, totalBytes is > 0);
        }

        public void WriteAbove(string line) => _console.Write(new ControlCode(line + "\e[K\n"));

        public void Dispose()
        {
            _over.Set();
            _thread.Join();
            _over.Dispose();
        }

        private void Draw()
        {
            var progress = _console.Progress().AutoClear(true).HideCompleted(true).Columns(
                new SpinnerColumn(),
                new TaskDescriptionColumn { Alignment = Justify.Left },
                new ProgressBarColumn { Width = 30 },
                new PercentageColumn(),
                new TransferSpeedColumn(),
                new RemainingTimeColumn());
            progress.Start(context =>
            {
                _ready.SetResult(context);
                _over.Wait();
            });
        }
    }

    private sealed class BarActivity(ProgressTask task, bool hasTotal) : IActivity
    {
        public void Advance(long bytes)
        {
            if (hasTotal)
                task.Increment(bytes);
        }

        public void Dispose()
        {
            task.Value = task.MaxValue;
            task.StopTask();
        }
    }
}
