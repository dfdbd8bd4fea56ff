#!/bin/sh
# The script reads JSON with jq; its fields are those of etcdctl. $MVCCW is the program, $MVCCW_DB the database.
set -eu

$MVCCW put /app/a 1 -w json | jq -e '.header.revision == 2'
$MVCCW put /app/b 2 -w json | jq -e '.header.revision == 3'
$MVCCW put /app/a 3 --prev-kv -w json | jq -e '.prev_kv.value | @base64d == "1"'
test "$($MVCCW get /app/ --prefix -w json | jq -r '.kvs | map(.key | @base64d) | join(" ")')" = '/app/a /app/b'
$MVCCW get /app/a -w json | jq -e '.kvs[0] | .create_revision == 2 and .mod_revision == 4 and .version == 2'

id=$($MVCCW lease grant 60 | cut -d' ' -f2)
$MVCCW put /app/c 4 --lease="$id"
# The id is passed as text, because numbers above 2^53 are too large for many versions of jq.
$MVCCW lease timetolive "$id" --keys -w json | jq -e '."granted-ttl" == 60 and .ttl <= 60 and (.keys[0] | @base64d) == "/app/c"'
$MVCCW lease list -w json | jq -e '.leases | length == 1'
$MVCCW lease revoke "$id" -w json | jq -e '.header.revision == 6'

# The watch prints every revision once, in order.
revisions=$(printf 'watch /app/ --prefix --rev=1\n' | $MVCCW watch -i -w json | jq -c '.Events[].kv.mod_revision' | tr '\n' ' ')
test "$revisions" = '2 3 4 5 6 '
$MVCCW compact 6 -w json
($MVCCW watch /app/a --rev 3 -w json || true) 2> /dev/null | jq -e '.Canceled and .CompactRevision == 6'
$MVCCW hash -w json | jq -e .
echo done
