# Completion of securely for fish.
# Install it with: securely completion fish > ~/.config/fish/completions/securely.fish

function __securely_suggest
    set -l line (commandline --current-process --cut-at-cursor | string collect)
    set -l program (string replace --regex '^~' $HOME -- (commandline --current-process --tokenize --cut-at-cursor)[1])
    set -l length (string length -- "$line")
    set -l suggestions ($program "[suggest:$length]" "$line" 2> /dev/null)

    if test (count $suggestions) -gt 0
        printf '%s\n' $suggestions
    else
        __fish_complete_path (commandline --current-token --cut-at-cursor)
    end
end

complete --command securely --no-files --arguments '(__securely_suggest)'
