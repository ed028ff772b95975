-- Two rules of this house. Both refuse; neither is a matter of score.

local send_as = rspamd_config:add_map {
  url = "/run/vigie/rspamd/send_as.map",
  type = "set",
  description = "login|address pairs: who may write From which address",
}
local own_domains = rspamd_config:add_map {
  url = "/run/vigie/rspamd/own_domains.map",
  type = "map",
  description = "domains of the association, as people write them and as the DNS has them",
}

local list_servers = rspamd_config:add_map {
  url = "/run/vigie/rspamd/list_servers.map",
  type = "set",
  description = "logins of list servers",
}

local function author_addresses(task)
  local found = {}
  for _, from in ipairs(task:get_from("mime") or {}) do
    table.insert(found, { address = from.addr:lower(), domain = (from.domain or ""):lower(), name = from.name or "" })
  end
  return found
end

-- The domain to sign with: its name in the DNS however the author wrote it, for receivers that do not know RFC 8616 look the key up under
-- the name as it stands. Global, since dkim_signing.conf names it.
function vigie_signing_domain(task)
  local author = author_addresses(task)[1]
  return author and own_domains:get_key(author.domain) or nil
end

-- Whether a domain is one of ours, or below one.
local function is_ours(domain)
  while domain do
    if own_domains:get_key(domain) then return true end
    domain = domain:match("^[^.]*%.(.+)$")
  end
  return false
end

-- The first address in a text that is in a domain of ours, whatever stands around it: mail programs show what a strict reading of RFC 5322 drops.
local function own_address_in(text)
  for address, domain in text:lower():gmatch("([^%s@<>()\"',;:]*@([^%s@<>()\"',;:]+))") do
    local bare = domain:gsub("%.+$", "")
    if is_ours(bare) then return address:match("^([^@+]*)") .. "@" .. bare end
  end
end

-- What is left of a field of addresses without comments, quoted names and spaces, which may stand anywhere in it.
local function bones(value)
  local bare, comments = value:gsub('"[^"]*"', ""), 0
  repeat bare, comments = bare:gsub("%([^()]*%)", "") until comments == 0
  return (bare:gsub("%s+", ""))
end

local function may_send_as(user, address)
  return send_as:get_key(user:lower() .. "|" .. address)
end

-- Fields besides From that programs show as who has written, or sent on.
local OTHER_AUTHORS = { "Sender", "Resent-From", "Resent-Sender" }

local function foreign_claim(task, user, author)
  local named = own_address_in(author.name)
  if named and not may_send_as(user, named) then return named end
  for _, field in ipairs(OTHER_AUTHORS) do
    for _, header in ipairs(task:get_header_full(field) or {}) do
      local claimed = own_address_in(bones(header.value or header.decoded or ""))
      if claimed and not may_send_as(user, claimed) then return claimed end
    end
  end
end

-- The envelope's sender is Postfix's to verify; what readers see is the From field, and clients may write anything there.
rspamd_config:register_symbol {
  name = "VIGIE_SEND_AS",
  type = "prefilter",
  callback = function(task)
    local user = task:get_user()
    if not user then return end
    local authors = author_addresses(task)
    if #authors ~= 1 then
      task:set_pre_result("reject", "One author in From, please", "vigie")
      return
    end
    local author = authors[1]
    -- A list server passes on what strangers wrote, under their names; ours it uses like everybody.
    local passes_on = list_servers:get_key(user:lower())
    if passes_on and not own_domains:get_key(author.domain) then return end
    if not may_send_as(user, author.address) then
      task:set_pre_result("reject", user .. " may not send as " .. author.address, "vigie")
      return
    end
    local claim = not passes_on and foreign_claim(task, user, author)
    if claim then task:set_pre_result("reject", user .. " may not send as " .. claim, "vigie") end
  end,
}

-- A stranger who writes in our name has to prove it, whatever our published DMARC policy still allows.
rspamd_config:register_symbol {
  name = "VIGIE_OWN_DOMAIN",
  type = "postfilter",
  callback = function(task)
    local ip = task:get_from_ip()
    if task:get_user() or (ip and ip:is_valid() and ip:is_local()) then return end
    if task:has_symbol("DMARC_POLICY_ALLOW") then return end
    -- Where there is no From, programs show Sender.
    for _, header in ipairs(task:get_header_full("From") or task:get_header_full("Sender") or {}) do
      local claimed = own_address_in(bones(header.value or header.decoded or ""))
      if claimed then
        task:set_pre_result("reject", "Not authenticated as " .. claimed:match("@(.+)$") .. ": sign in to send in its name", "vigie")
        return
      end
    end
  end,
}
