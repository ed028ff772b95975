"""What a container tells the lookout, by HTTP and with its token: copied into the images that do (`include` of ServiceComponent.image).

Each path has a function from its query to a status and a body in JSON. It belongs in a process of nobody's, which may read what it tells and nothing else.
"""

import hmac
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

PORT = 4002
FIELDS = 20  # the most that a query may have

Answer = tuple[int, bytes]
Pages = Mapping[str, Callable[[dict[str, str]], Answer]]


def file_page(path: Path) -> Callable[[dict[str, str]], Answer]:
    """A page that is what another process last wrote to a file."""

    def page(_query: dict[str, str]) -> Answer:
        try:
            return 200, path.read_bytes()
        except FileNotFoundError:
            return 404, b""

    return page


def handler(token: str, pages: Pages) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 10

        def do_GET(self) -> None:
            code, body = self.find()
            self.send_response(code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(body)

        def find(self) -> Answer:
            given = self.headers.get("Authorization", "")
            if not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
                return 401, b""
            address = urlsplit(self.path)
            page = pages.get(address.path)
            if page is None:
                return 404, b""
            try:
                query = dict(parse_qsl(address.query, max_num_fields=FIELDS, errors="replace"))
            except ValueError:
                return 400, b""
            return page(query)

        def log_message(self, *_args) -> None:
            pass

    return Handler


def serve(token: str, pages: Pages) -> None:
    ThreadingHTTPServer(("", PORT), handler(token, pages)).serve_forever()
