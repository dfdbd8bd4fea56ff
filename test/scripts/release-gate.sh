#!/bin/sh
# A pipeline keeps its state in a database that its steps share: a counter with compare-and-set, a lock with a lease,
# and a step that waits for another one. $MVCCW is the program, $MVCCW_DB the database.
set -eu

# The step retries until its compare holds: several steps run at once, and no increment is lost.
increment() {
  while :; do
    current=$($MVCCW get builds --print-value-only)
    next=$((${current:-0} + 1))
    if [ -z "$current" ]; then compare='create("builds") = "0"'; else compare="value(\"builds\") = \"$current\""; fi
    answer=$(printf '%s\n\nput builds %s\n\nget builds\n\n' "$compare" "$next" | $MVCCW txn | head -1)
    if [ "$answer" = SUCCESS ]; then return; fi
  done
}

$MVCCW put started yes
for step in 1 2 3; do increment & done
wait
test "$($MVCCW get builds --print-value-only)" = 3

# The lock is deleted when its lease ends.
lease=$($MVCCW lease grant 3600 | cut -d' ' -f2)
printf 'create("lock") = "0"\n\nput lock me --lease=%s\n\n\n' "$lease" | $MVCCW txn | grep -q SUCCESS
printf 'create("lock") = "0"\n\nput lock me\n\n\n' | $MVCCW txn | grep -q FAILURE
$MVCCW lease timetolive "$lease" --keys | grep -q 'attached keys(\[lock\])'
$MVCCW lease revoke "$lease"
test -z "$($MVCCW get lock)"

# Another step waits for this one; it ends with the first event.
$MVCCW watch ready --rev 1 | head -1 > "$TMPDIR/seen" &
$MVCCW put ready yes
wait
test "$(cat "$TMPDIR/seen")" = PUT

# The watch runs a command for each event until the command fails.
status=0
$MVCCW watch ready --rev 1 -- sh -c 'test "$ETCD_WATCH_VALUE" = "\"no\""' || status=$?
test "$status" = 1
echo done
