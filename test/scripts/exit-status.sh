#!/bin/sh
# The script checks each exit status. $MVCCW is the program, $MVCCW_DB the database.
set -eu

expect() {
  wanted=$1
  shift
  status=0
  "$@" > "$TMPDIR/out" 2> "$TMPDIR/err" || status=$?
  if [ "$status" != "$wanted" ]; then
    echo "$*: status $status, wanted $wanted"
    cat "$TMPDIR/err"
    exit 1
  fi
}

expect 5 $MVCCW get k
expect 0 $MVCCW put k one
expect 0 $MVCCW put k two
expect 0 $MVCCW get no-such-key
expect 2 $MVCCW get
expect 2 $MVCCW nonsense
expect 4 $MVCCW get k --rev 99
expect 4 $MVCCW lease revoke 1234
expect 4 $MVCCW lease keep-alive 1234
expect 0 $MVCCW compact 3
expect 4 $MVCCW get k --rev 2
expect 4 $MVCCW watch k --rev 2
grep -q 'required revision has been compacted' "$TMPDIR/err"
expect 2 $MVCCW watch k -w table
expect 3 $MVCCW --db "$0" get k

# A watch ends with Ctrl-C, and when its reader has had enough. (A shell's background jobs ignore SIGINT; this one gets
# it all the same.)
$MVCCW watch k --rev 3 > "$TMPDIR/out" &
watch=$!
until grep -q two "$TMPDIR/out"; do sleep 0.1; done
kill -INT $watch
status=0
wait $watch || status=$?
test "$status" = 130
($MVCCW watch k --rev 3; echo $? > "$TMPDIR/status") | head -1 > "$TMPDIR/out"
test "$(cat "$TMPDIR/status")" = 0
echo done
