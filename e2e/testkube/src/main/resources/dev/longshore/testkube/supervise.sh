# Runs "$@" and sees that it ends with whoever holds the other end of this shell's stdin: end of file
# there, which also a SIGKILL of that process brings, kills it. SIGTERM is handed on.
child=
trap 'kill -TERM "$child" 2>/dev/null' TERM
exec 3<&0
"$@" </dev/null 3<&- &
child=$!
{
  read -r _ <&3
  kill -KILL "$child" 2>/dev/null
} &
watcher=$!
wait "$child"
# A trapped signal ends the wait early.
while kill -0 "$child" 2>/dev/null; do wait "$child"; done
kill -KILL "$watcher" 2>/dev/null
