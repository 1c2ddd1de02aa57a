# bash completion for kubectl-draft_connect, and for aliases:
#   alias kdc='kubectl draft-connect'; complete -F _kubectl_draft_connect kdc
# shellcheck shell=bash

_kubectl_draft_connect() {
  local rest=$COMP_LINE word value candidate lines directive=4 count=0 index
  local -a words=()
  # bash parts words at = and :, too; what has no blank before it belongs to the word before.
  for ((index = 0; index <= COMP_CWORD; index += 1)); do
    word=${COMP_WORDS[index]}
    if ((index == 0)) || [[ $rest == [[:blank:]]* ]]; then
      words[count]=$word
      count=$((count + 1))
    else
      words[count - 1]+=$word
    fi
    rest=${rest#"${rest%%[![:blank:]]*}"}
    rest=${rest#"$word"}
  done
  ((count > 1)) || return
  lines=$(kubectl-draft_connect __complete "${words[@]:1}" 2>/dev/null)
  directive=${lines##*:}
  # bash puts in its own last part alone.
  word=${COMP_WORDS[COMP_CWORD]}
  [[ $word == [=:] ]] && word=
  value=${words[count - 1]}
  [[ $value == -*=* ]] && value=${value#*=}
  value=${value%"$word"}
  COMPREPLY=()
  while IFS=$'\t' read -r candidate _; do
    [[ -z $candidate || $candidate == :[0-9]* && $candidate == ":$directive" ]] || COMPREPLY+=("${candidate#"$value"}")
  done <<<"$lines"
  type compopt >/dev/null 2>&1 || return
  ((directive & 2)) && compopt -o nospace
  ((directive & 16)) && compopt -o dirnames
  ((directive & 20)) || compopt -o default
}

complete -F _kubectl_draft_connect kubectl-draft_connect
