# Completion of securely for bash. Use it with: source <(securely completion bash)
#
# Bash splits words at colons, and the commands of securely contain some. So the word at the cursor is taken with its
# colons, and what bash already has before the last colon is cut from the suggestions again.

_securely()
{
    local cur head suggestion

    if declare -F _get_comp_words_by_ref > /dev/null; then
        _get_comp_words_by_ref -n : cur
    else
        cur="${COMP_LINE:0:COMP_POINT}"
        cur="${cur##*[[:blank:]]}"
    fi

    COMPREPLY=()
    while IFS= read -r suggestion; do
        if [[ -n $suggestion && $suggestion == "$cur"* ]]; then
            COMPREPLY+=("$suggestion")
        fi
    done < <("${COMP_WORDS[0]/#\~/$HOME}" "[suggest:$COMP_POINT]" "$COMP_LINE" 2> /dev/null)

    if declare -F __ltrim_colon_completions > /dev/null; then
        __ltrim_colon_completions "$cur"
    elif [[ $cur == *:* && $COMP_WORDBREAKS == *:* ]]; then
        head="${cur%"${cur##*:}"}"
        COMPREPLY=("${COMPREPLY[@]#"$head"}")
    fi
}

complete -o bashdefault -o default -F _securely securely
