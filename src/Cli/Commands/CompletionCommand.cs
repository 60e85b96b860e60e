using System.CommandLine;

namespace Vallum.Cli.Commands;

/// <summary>Shell completion: a small script that asks this command itself.</summary>
internal static class CompletionCommand
{
    private const string Bash = """
        _vallum() {
          local IFS=$'\n'
          COMPREPLY=( $(compgen -W "$("${COMP_WORDS[0]}" "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}") )
        }
        complete -o default -F _vallum vallum
        """;

    private const string Zsh = """
        #compdef vallum
        _vallum() {
          local -a found
          found=("${(@f)$(vallum "[suggest:$CURSOR]" "$BUFFER" 2>/dev/null)}")
          compadd -a found
        }
        compdef _vallum vallum
        """;

    private const string Fish = """
        complete -c vallum -f -a '(vallum "[suggest:"(commandline -C)"]" (commandline -cp))'
        """;

    public static Command Build(TextWriter output)
    {
        var shell = new Argument<string>("shell") { Description = "bash, zsh or fish" };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        var command = new Command("completion", "Print a completion script: source <(vallum completion bash)") { shell };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var script = parsed.GetValue(shell) switch
            {
                "bash" => Bash,
                "zsh" => Zsh,
                _ => Fish,
            };
            await output.WriteLineAsync(script.AsMemory(), cancellationToken);
            return ExitCode.Ok;
        });
        return command;
    }
}
