# Everything that is wrong with nas.json, in one line; nothing when it is right.
def text: type == "string" and length > 0 and (test("[\\x00-\\x1f\\x7f%]") | not);
def login: type == "string" and test("^[a-z][a-z0-9._-]{0,62}$");
def number: type == "number" and . == floor and . >= 1000 and . < 4294967294;
def list: type == "array";
def repeated(f): group_by(f) | map(select(length > 1) | .[0] | f);
if type != "object" then "must be an object"
else
  . as $nas
  | [["teams", "accounts", "shares"][] | select($nas[.] | list | not) | "\(.) must be a list"] as $lists
  | if $lists != [] then $lists else
      (.teams | map(.name)) as $teams
      | [ (select(.workgroup | (type == "string" and test("^[A-Z0-9-]{1,15}$")) | not) | "workgroup must be up to 15 capitals, digits and hyphens"),
          (select(.auditRetentionDays | (. == null or (type == "number" and . >= 1)) | not) | "auditRetentionDays must be a number of days"),
          (select(.versionsMinFree | (. == null or (type == "number" and . >= 0 and . < 1)) | not) | "versionsMinFree must be a share of the disk, from 0 to 1"),
          (.teams | to_entries[] | .key as $i | .value
            | (select(.name | login | not) | "teams[\($i)].name must be lower-case letters, digits, dots, hyphens and underscores"),
              (select(.gid | number | not) | "teams[\($i)].gid must be a whole number from 1000")),
          (.accounts | to_entries[] | .key as $i | .value
            | (select(.login | login | not) | "accounts[\($i)].login must be lower-case letters, digits, dots, hyphens and underscores"),
              (select(.uid | number | not) | "accounts[\($i)].uid must be a whole number from 1000"),
              (select(.name | (text and (test("[:,]") | not)) | not) | "accounts[\($i)].name must be one line of text without : , and %"),
              ((.teams // [])[] | select(IN($teams[]) | not) | "accounts[\($i)].teams: there is no team \"\(.)\"")),
          (.shares | to_entries[] | .key as $i | .value
            | (select(.name | (type == "string" and test("^[\\p{L}0-9][\\p{L}0-9 ._-]{0,79}$") and (test("^(global|homes|printers|ipc.?)$"; "i") | not) and (endswith(" ") | not)) | not)
                | "shares[\($i)].name must be letters, digits, spaces, dots, hyphens and underscores, and not one of Samba's own (global, homes, printers)"),
              (select(.comment | (. == null or . == "" or text) | not) | "shares[\($i)].comment must be one line of text without %"),
              (select(.quotaBytes | (. == null or (type == "number" and . == floor and . >= 1048576)) | not) | "shares[\($i)].quotaBytes must be a whole number of bytes, a mebibyte at least"),
              (.versions | select(. != null)
                | (select(.everySeconds | (type == "number" and . == floor and . >= 60) | not) | "shares[\($i)].versions.everySeconds must be a minute at least"),
                  (select(.mostBytes | (. == null or (type == "number" and . == floor and . > 0)) | not) | "shares[\($i)].versions.mostBytes must be a whole number of bytes"),
                  (select(.keep | (type == "object" and (to_entries | all((.key | IN("last", "hourly", "daily", "weekly")) and (.value | type == "number" and . == floor and . >= 0)))) | not)
                    | "shares[\($i)].versions.keep must be numbers of versions: last, hourly, daily, weekly")),
              ([.team] + (.readOnlyTeams // []) | .[] | select(IN($teams[]) | not) | "shares[\($i)]: there is no team \"\(.)\"")),
          (.teams | repeated(.name)[] | "the team \"\(.)\" is there twice"),
          (.teams | repeated(.gid)[] | "two teams have the gid \(.)"),
          (.accounts | repeated(.login)[] | "the login \"\(.)\" is there twice"),
          (.accounts | repeated(.uid)[] | "two accounts have the uid \(.)"),
          (.shares | repeated(.name | tostring | ascii_downcase)[] | "the share \"\(.)\" is there twice")
        ]
    end
  | join("; ")
end
