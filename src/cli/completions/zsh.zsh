#compdef kubectl-draft_connect
# zsh completion for kubectl-draft_connect. Aliases need nothing: zsh completes what they stand for.

_kubectl_draft_connect() {
  local line directive=4
  local -a lines found
  lines=("${(@f)$(kubectl-draft_connect __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}")
  for line in $lines; do
    if [[ $line == :<-> ]]; then
      directive=${line#:}
    elif [[ -n $line ]]; then
      # A colon parts value and description.
      found+=("${${line%%$'\t'*}//:/\\:}${${(M)line##*$'\t'*}:+:${line#*$'\t'}}")
    fi
  done
  # After `--flag=` the value alone is completed.
  [[ $PREFIX == -*=* ]] && compset -P '*='
  if ((directive & 16)); then
    _path_files -/
  elif ((directive == 0)); then
    _files
  elif ((directive & 2)); then
    _describe 'kubectl draft-connect' found -S ''
  else
    _describe 'kubectl draft-connect' found
  fi
}

if [[ $funcstack[1] == _kubectl_draft_connect ]]; then
  _kubectl_draft_connect "$@"
else
  compdef _kubectl_draft_connect kubectl-draft_connect
fi
