# fish completion for kubectl-draft_connect. Aliases need nothing: fish completes what they stand for.

function __kubectl_draft_connect
    set -l words (commandline -opc)
    set -l typed (commandline -ct)
    set -l lines (kubectl-draft_connect __complete $words[2..-1] "$typed" 2>/dev/null)
    # fish puts in whole words.
    set -l lead (string match -r -- '^--[^=]*=' "$typed")
    for line in $lines[1..-2]
        echo "$lead$line"
    end
    switch "$lines[-1]"
        case :0
            __fish_complete_path "$typed"
        case :16
            __fish_complete_directories "$typed" ''
    end
end

complete -c kubectl-draft_connect -f -a '(__kubectl_draft_connect)'
