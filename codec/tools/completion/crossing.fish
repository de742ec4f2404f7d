# fish completion for crossing(1)

function __crossing_engines
    complete -C crossing-engine- | string replace -r '^crossing-engine-(\S+).*' '$1'
end

complete -c crossing -n __fish_use_subcommand -f
complete -c crossing -n __fish_use_subcommand -l version -d 'Print the version'
complete -c crossing -s h -l help -d 'Print help'

complete -c crossing -n __fish_use_subcommand -a record -d 'Run a component and record it'
complete -c crossing -n __fish_use_subcommand -a replay -d 'Run a recorded guest again'
complete -c crossing -n __fish_use_subcommand -a describe -d 'Say how a component is wired'
complete -c crossing -n __fish_use_subcommand -a info -d 'Say what a trace holds'
complete -c crossing -n __fish_use_subcommand -a dump -d 'Print the events of a trace'
complete -c crossing -n __fish_use_subcommand -a follow -d 'Print a trace while it is written'
complete -c crossing -n __fish_use_subcommand -a check -d 'Judge a trace'
complete -c crossing -n __fish_use_subcommand -a diff -d 'List what differs between two recordings'
complete -c crossing -n __fish_use_subcommand -a recover -d 'Write what is good in a damaged trace'
complete -c crossing -n __fish_use_subcommand -a verify -d 'Compare a component with the recorded one'
complete -c crossing -n __fish_use_subcommand -a encode -d 'Make a trace from canonical JSON'
complete -c crossing -n __fish_use_subcommand -a instrument -d 'Rewrite a component so that it records itself'

set -l in '__fish_seen_subcommand_from'
complete -c crossing -n "$in record replay" -l engine -x -a '(__crossing_engines)' -d Engine
complete -c crossing -n "$in record recover encode" -s o -l out -r -d 'Trace to write'
complete -c crossing -n "$in record recover encode" -l force -d 'Replace an existing file'
complete -c crossing -n "$in record replay" -l engine-option -x -d 'Option of the engine'
complete -c crossing -n "$in record" -l digest -d 'Record digests of memories'
complete -c crossing -n "$in record" -l lift -d 'Record also what the host reads'
complete -c crossing -n "$in record" -l instrumented -d 'Run a rewritten component that records itself'
complete -c crossing -n "$in record" -l keep -x -a 'always on-error on-trap' -d 'When the trace stays'
complete -c crossing -n "$in record" -l ring -x -d 'Keep only the last blocks: 64MiB'
complete -c crossing -n "$in record" -l attach -d 'Put the component into the trace'
complete -c crossing -n "$in replay" -l no-digest -d 'Compare no digests of memories'
complete -c crossing -n "$in record" -l dir -r -d 'HOST::GUEST'
complete -c crossing -n "$in record" -l env -x -d 'NAME=VALUE'
complete -c crossing -n "$in record" -l script -r -d 'Exports to call'
complete -c crossing -n "$in record" -l host -r -d 'Host functions'
complete -c crossing -n "$in replay" -l allow-changed -d 'Replay another component'
complete -c crossing -n "$in replay" -l keep-going -d 'Go on after a difference of values'
complete -c crossing -n "$in replay" -l report -r -d Report
complete -c crossing -n "$in describe" -l plan -d 'Print the plan'
complete -c crossing -n "$in describe info dump follow check diff" -l json -d 'Print JSON'
complete -c crossing -n "$in diff" -l brief -d 'Print nothing'
complete -c crossing -n "$in diff" -l limit -x -d 'Differences of each kind'
complete -c crossing -n "$in follow" -l timeout -x -d 'Seconds without anything'
complete -c crossing -n "$in dump" -l from -x -d 'First event'
complete -c crossing -n "$in dump" -l to -x -d 'Last event'
complete -c crossing -n "$in dump" -l full -d 'Bytes in full'
complete -c crossing -n "$in dump" -l color -x -a 'auto always never' -d 'When to colour'
complete -c crossing -n "$in encode" -l uncompressed -d 'Store bodies as they are'
complete -c crossing -n "$in encode" -l level -x -d 'Level of zstd'
