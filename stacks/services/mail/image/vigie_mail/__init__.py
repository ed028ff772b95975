"""What turns /etc/vigie/mail.json into four running servers."""
