using System.CommandLine;

namespace Pipeline.Cli.Verbs;

/// <summary><c>pipeline completion</c>: a script by which a shell completes verbs, options, images and boards.</summary>
internal static class CompletionVerb
{
    public static Command Create(CommonOptions common)
    {
        var shell = new Argument<string>("SHELL") { HelpName = "bash|zsh|fish", Description = "For which shell" };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        return new VerbCommand("completion", "Print a script that completes this command in a shell")
        {
            Examples =
            [
                ("source <(pipeline completion bash)", "in ~/.bashrc"),
                ("source <(pipeline completion zsh)", "in ~/.zshrc, behind compinit"),
                ("pipeline completion fish > ~/.config/fish/completions/pipeline.fish", "once"),
            ],
            ExitCodes = [(ExitCode.Done, "printed")],
        }
        .With(shell)
        .Does(common, (run, _) =>
        {
            run.Results.WriteText(Script(run.Value(shell)!));
            return Task.FromResult(ExitCode.Done);
        });
    }

    /// <summary>All of them ask the program itself, by the parser's directive <c>[suggest:POSITION]</c>.</summary>
    private static string Script(string shell) => shell switch
    {
        "zsh" => """
            # completes 'pipeline' in zsh
            _pipeline() {
              local -a words_found
              words_found=("${(@f)$(pipeline "[suggest:${CURSOR}]" "${BUFFER}" 2>/dev/null)}")
              if [[ -n "${words_found[1]}" ]]; then
                compadd -- "${words_found[@]}"
              else
                _files
              fi
            }
            compdef _pipeline pipeline
            """,
        "fish" => """
            # completes 'pipeline' in fish
            function __pipeline_complete
                set -l line (commandline -cp)
                pipeline "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null
            end
            complete -c pipeline -a '(__pipeline_complete)'
            """,
        _ => """
            # completes 'pipeline' in bash; where there is nothing to offer, files are
            _pipeline() {
              local word="${COMP_WORDS[COMP_CWORD]}" found
              found="$(pipeline "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)"
              local IFS=$'\n'
              COMPREPLY=( $(compgen -W "${found}" -- "${word}") )
            }
            complete -o default -F _pipeline pipeline
            """,
    };
}
