-- Two rules of this house. Both refuse; neither is a matter of score.

local send_as = rspamd_config:add_map {
  url = "/run/vigie/rspamd/send_as.map",
  type = "set",
  description = "login|address pairs: who may write From which address",
}
local own_domains = rspamd_config:add_map {
  url = "/run/vigie/rspamd/own_domains.map",
  type = "set",
  description = "domains of the association",
}

local list_servers = rspamd_config:add_map {
  url = "/run/vigie/rspamd/list_servers.map",
  type = "set",
  description = "logins of list servers",
}

local function author_addresses(task)
  local found = {}
  for _, from in ipairs(task:get_from("mime") or {}) do
    table.insert(found, { address = from.addr:lower(), domain = (from.domain or ""):lower() })
  end
  return found
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
    -- A list server passes on what strangers wrote, under their names; ours it uses like everybody.
    if list_servers:get_key(user:lower()) and not own_domains:get_key(authors[1].domain) then return end
    if not send_as:get_key(user:lower() .. "|" .. authors[1].address) then
      task:set_pre_result("reject", "" .. user .. " may not send as " .. authors[1].address, "vigie")
    end
  end,
}

-- A stranger who writes in our name has to prove it, whatever our published DMARC policy still allows.
rspamd_config:register_symbol {
  name = "VIGIE_OWN_DOMAIN",
  type = "postfilter",
  callback = function(task)
    local ip = task:get_from_ip()
    if task:get_user() or (ip and ip:is_valid() and ip:is_local()) then return end
    for _, author in ipairs(author_addresses(task)) do
      if own_domains:get_key(author.domain) and not task:has_symbol("DMARC_POLICY_ALLOW") then
        task:set_pre_result("reject", "Not authenticated as " .. author.domain .. ": sign in to send in its name", "vigie")
        return
      end
    end
  end,
}
