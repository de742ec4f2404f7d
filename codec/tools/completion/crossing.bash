# bash completion for crossing(1)

_crossing() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
  local commands='record replay describe info dump follow check diff recover verify encode
    convert instrument'
  local command='' i
  COMPREPLY=()

  for ((i = 1; i < COMP_CWORD; i++)); do
    [[ ${COMP_WORDS[i]} == -- ]] && return
    [[ -z $command && ${COMP_WORDS[i]} != -* ]] && command=${COMP_WORDS[i]}
  done
  if [[ -z $command ]]; then
    COMPREPLY=($(compgen -W "$commands --help --version" -- "$current"))
    return
  fi

  case $previous in
    --profile) COMPREPLY=($(compgen -W 'values' -- "$current")); return ;;
    --layer) COMPREPLY=($(compgen -W 'order types abi component' -- "$current")); return ;;
    --format) COMPREPLY=($(compgen -W 'people json sarif junit' -- "$current")); return ;;
    --color) COMPREPLY=($(compgen -W 'auto always never' -- "$current")); return ;;
    --keep) COMPREPLY=($(compgen -W 'always on-error on-trap' -- "$current")); return ;;
    --ring | --from | --to | --timeout | --level | --limit | --max-findings | --env | --engine-option) return ;;
    --engine)
      COMPREPLY=($(compgen -c -- "crossing-engine-$current" | sed 's/^crossing-engine-//'))
      return ;;
    --dir) COMPREPLY=($(compgen -d -- "$current")); return ;;
    -o | --out | --component | --script | --host | --report) COMPREPLY=($(compgen -f -- "$current")); return ;;
  esac

  if [[ $current == -* ]]; then
    local options
    case $command in
      record) options='--out --engine --engine-option --dir --env --script --host --digest --lift --attach
        --instrumented --keep --ring --force' ;;
      replay) options='--engine --engine-option --no-digest --allow-changed --keep-going --report' ;;
      describe) options='--plan --json' ;;
      info) options='--json' ;;
      check) options='--layer --component --ignore-quirks --format --json --max-findings --color' ;;
      follow) options='--json --timeout' ;;
      dump) options='--json --from --to --full --color' ;;
      diff) options='--json --brief --limit' ;;
      recover) options='--out --force' ;;
      instrument) options='--out --single-memory --lift --force' ;;
      convert) options='--out --profile --force' ;;
      encode) options='--out --force --uncompressed --level' ;;
    esac
    COMPREPLY=($(compgen -W "$options --help" -- "$current"))
    return
  fi
  COMPREPLY=($(compgen -f -- "$current"))
}
complete -o filenames -F _crossing crossing
