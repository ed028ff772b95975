# The accounts as passwd(5) has them. The primary group is the first team's: nobody may own files in a group of no team.
(.teams | map({ (.name): .gid }) | add // {}) as $gid
| .accounts[]
| "\(.login):x:\(.uid):\($gid[.teams[0] // ""] // 65534):\(.name):/nonexistent:/usr/sbin/nologin"
