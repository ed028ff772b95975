"""What the lookout may ask, by HTTP and with its token: how the shares fare, and what the audit trail says.

    GET /status                       what housekeeper.py last wrote
    GET /trail?share=…&path=…&before=…  see trail.py

Nobody's process: it may read the trail and nothing else. The token comes by its input.
"""

import json
import sys
import threading

import vigie_status

from . import trail
from .config import STATUS, TRAIL

# A search keeps a processor busy: others wait their turn, or come again.
SEARCHES = threading.Semaphore(2)


def trail_page(query: dict[str, str]) -> vigie_status.Answer:
    try:
        wanted = trail.parse(query)
    except ValueError as error:
        return 400, json.dumps({"problem": str(error)}).encode()
    if not SEARCHES.acquire(timeout=5):
        return 503, b""
    try:
        found = trail.search(TRAIL, wanted)
    finally:
        SEARCHES.release()
    return 200, json.dumps(found, ensure_ascii=False).encode(errors="replace")


if __name__ == "__main__":
    vigie_status.serve(sys.stdin.readline().strip(), {"/status": vigie_status.file_page(STATUS), "/trail": trail_page})
