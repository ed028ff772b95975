"""What the lookout may ask, by HTTP and with its token: how the shares fare, and what the audit trail says.

    GET /status                       what housekeeper.py last wrote
    GET /trail?share=…&path=…&before=…  see trail.py

Nobody's process: it may read the trail and nothing else. The token comes by its input.
"""

import hmac
import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from . import trail
from .config import STATUS, TRAIL

PORT = 4002
# A search keeps a processor busy: others wait their turn, or come again.
SEARCHES = threading.Semaphore(2)


def handler(token: str) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 10

        def do_GET(self) -> None:
            given = self.headers.get("Authorization", "")
            if not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
                return self.answer(401)
            address = urlsplit(self.path)
            if address.path == "/status" and STATUS.exists():
                return self.answer(200, STATUS.read_bytes())
            if address.path == "/trail":
                return self.trail(address.query)
            return self.answer(404)

        def trail(self, query: str) -> None:
            try:
                wanted = trail.parse(dict(parse_qsl(query, max_num_fields=20, errors="replace")))
            except ValueError as error:
                return self.answer(400, json.dumps({"problem": str(error)}).encode())
            if not SEARCHES.acquire(timeout=5):
                return self.answer(503)
            try:
                found = trail.search(TRAIL, wanted)
            finally:
                SEARCHES.release()
            return self.answer(200, json.dumps(found, ensure_ascii=False).encode(errors="replace"))

        def answer(self, code: int, body: bytes = b"") -> None:
            self.send_response(code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args) -> None:
            pass

    return Handler


if __name__ == "__main__":
    ThreadingHTTPServer(("", PORT), handler(sys.stdin.readline().strip())).serve_forever()
