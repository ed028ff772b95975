# The teams as group(5) has them.
.accounts as $accounts
| .teams[]
| .name as $team
| "\($team):x:\(.gid):\([$accounts[] | select(.teams | index($team)) | .login] | join(","))"
