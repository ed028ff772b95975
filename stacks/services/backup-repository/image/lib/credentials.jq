# Everything that is wrong with credentials.json, in one line; nothing when it is right.
if type != "array" or length == 0 then "must be a list of at least one { user, passwordFile }"
else
  [ (to_entries[] | .key as $i | .value
      | (select(.user | (type == "string" and test("^[a-z0-9][a-z0-9_-]*$")) | not) | "[\($i)].user must be lower-case letters, digits, hyphens and underscores"),
        (select(.passwordFile | (type == "string" and test("^/etc/vigie/[^\\s]+$")) | not) | "[\($i)].passwordFile must be a path under /etc/vigie")),
    (group_by(.user)[] | select(length > 1) | "the user \"\(.[0].user)\" is there twice")
  ] | join("; ")
end
