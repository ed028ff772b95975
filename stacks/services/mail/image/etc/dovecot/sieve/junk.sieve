require ["fileinto", "mailbox"];
# What Rspamd has called spam goes to Junk, before anybody's own rules.
if header :is "X-Spam" "Yes" {
  fileinto :create "Junk";
  stop;
}
