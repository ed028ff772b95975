# Everything that is wrong with retention.json, in one line; nothing when it is right.
def count: . == null or (type == "number" and . == floor and . >= 0);
def word: type == "string" and test("^[A-Za-z0-9][A-Za-z0-9._-]*$");
[ (select(.at | (type == "string" and test("^([01][0-9]|2[0-3]):[0-5][0-9]$")) | not) | "at must be a time such as \"03:30\""),
  (select(.timeZone | (. == null or (type == "string" and test("^[A-Za-z0-9_+/-]+$"))) | not) | "timeZone must be a name such as \"Europe/Paris\""),
  (select(.repositories | type != "array") | "repositories must be a list"),
  ((.repositories | arrays | to_entries[]) | .key as $i | .value
    | (select(.path | (type == "string" and test("^[a-z0-9][a-z0-9_-]*(/[a-z0-9][a-z0-9_-]*)*$")) | not) | "repositories[\($i)].path must be a path under /var/lib/restic"),
      (select(.passwordFile | (type == "string" and test("^/etc/vigie/[^\\s]+$")) | not) | "repositories[\($i)].passwordFile must be a path under /etc/vigie"),
      (select(.policies | type != "array") | "repositories[\($i)].policies must be a list"),
      ((.policies | arrays | to_entries[]) | .key as $j | .value
        | (select([.service, .volume] | all(word) | not) | "repositories[\($i)].policies[\($j)] must name a service and a volume"),
          (select([.daily, .weekly, .monthly, .yearly] | (all(count) and any(. != null and . > 0)) | not)
            | "repositories[\($i)].policies[\($j)] must keep something: daily, weekly, monthly, yearly are whole numbers, one of them above 0")))
] | join("; ")
