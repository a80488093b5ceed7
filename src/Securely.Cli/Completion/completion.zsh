#compdef securely
# Completion of securely for zsh. Install it with: securely completion zsh > "${fpath[1]}/_securely"
#
# compadd takes its words as they are; _describe would read the colon of a command as the start of a description.

_securely()
{
    local line
    local -a suggestions

    line="${(j: :)words[1,CURRENT-1]} $PREFIX"
    suggestions=(${(f)"$(${(Q)words[1]/#\~/$HOME} "[suggest:${#line}]" "$line" 2> /dev/null)"})

    if (( ${#suggestions} )); then
        compadd -- "${suggestions[@]}"
    else
        _files
    fi
}

if [[ ${funcstack[1]} == _securely ]]; then
    _securely "$@"
else
    compdef _securely securely
fi
