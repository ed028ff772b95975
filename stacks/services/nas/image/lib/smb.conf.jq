# smb.conf(5) for a stand-alone server that speaks SMB 3 and nothing else.
def block(title; settings): "[\(title)]", (settings | to_entries[] | "  \(.key) = \(.value)"), "";

block("global"; {
  "workgroup": .workgroup,
  "server role": "standalone server",
  "server string": "",
  "server min protocol": "SMB3_00",
  "server signing": "mandatory",
  "server smb encrypt": "desired",
  "ntlm auth": "ntlmv2-only",
  "map to guest": "never",
  "restrict anonymous": 2,
  "obey pam restrictions": "no",
  "passdb backend": "tdbsam:/run/nas/private/passdb.tdb",
  "smb ports": 445,
  "disable netbios": "yes",
  "load printers": "no",
  "printcap name": "/dev/null",
  "disable spoolss": "yes",
  "smb3 unix extensions": "no",
  "wide links": "no",
  "allow insecure wide links": "no",
  "unix password sync": "no",
  "deadtime": 15,
  "max smbd processes": 100,
  "private dir": "/run/nas/private",
  "state directory": "/run/nas/state",
  "cache directory": "/run/nas/cache",
  "lock directory": "/run/nas/lock",
  "pid directory": "/run/nas/lock",
  "ncalrpc dir": "/run/nas/ncalrpc",
  # The keeper turns these lines into the audit trail: one line a message, sign-ins as JSON.
  "logging": "file",
  "debug syslog format": "always",
  "log level": "1 auth_json_audit:3",
  "max log size": 100,
  "usershare max shares": 0
}),
(.shares | to_entries[] | .key as $number | .value | block(.name; {
  "path": "/srv/shares/\(.name)",
  "comment": (.comment // ""),
  "read only": "yes",
  "valid users": ([.team] + (.readOnlyTeams // []) | map("+\(.)") | join(" ")),
  "write list": "+\(.team)",
  # Whoever is let in works in the team's group, so that members can change each other's files; who may only read is held
  # back by Samba itself.
  "force group": .team,
  "create mask": "0660",
  "force create mode": "0660",
  "directory mask": "2770",
  "force directory mode": "2770",
  "access based share enum": "yes",
  "hide unreadable": "yes",
  "store dos attributes": "yes",
  # Who may do what is what is declared: nobody closes a file to his own team, or opens one to another.
  "nt acl support": "no",
  "vfs objects": ("full_audit" + if .recycle then " recycle" else "" end + if .versions then " shadow_copy2" else "" end),
  "full_audit:prefix": "%u|%I|%S",
  "full_audit:facility": "LOCAL5",
  "full_audit:priority": "NOTICE",
  "full_audit:syslog": "true",
  "full_audit:success": "connect disconnect create_file mkdirat unlinkat renameat pwrite_send pwrite pread_send pread",
  "full_audit:failure": "connect create_file mkdirat unlinkat renameat"
} + if .recycle then {
  "recycle:repository": ".corbeille",
  "recycle:keeptree": "yes",
  "recycle:versions": "yes",
  # When it was deleted, not when it was last written, is what its stay is counted from.
  "recycle:touch": "yes",
  "recycle:touch_mtime": "yes",
  "recycle:directory_mode": "2770"
} else {} end + if .versions then {
  # vfs_shadow_copy2(8): in a volume of their own, so that what fills or harms one does not reach the other.
  "shadow:snapdir": "/srv/versions/\(.name)",
  "shadow:mountpoint": "/srv/shares/\(.name)",
  "shadow:basedir": "/srv/shares/\(.name)",
  "shadow:sort": "desc"
} else {} end + if .quotaBytes then {
  "dfree command": "/run/nas/dfree/\($number)"
} else {} end))
