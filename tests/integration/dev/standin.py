"""Stands in for the commands that `dchat up` starts: `python standin.py <verb>`.

The home's file `faults.json` says what goes wrong: {"<verb>": [seconds, exit code, "last words"]}.
"""

import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

META = {
    "chainId": 31337,
    "block": {"number": 5},
    "headBlock": 6,
    "lag": 1,
    "synced": True,
    "eventCount": "12",
    "reorgCount": 0,
}


class Api(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        body = json.dumps({"data": {"meta": META, "events": {"nodes": []}}}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def main(verb: str) -> int:
    print(f"{verb} follows {os.environ['DCHAT_RPC_URLS']}", flush=True)
    faults = Path(os.environ["DCHAT_HOME"], "faults.json")
    seconds, status, words = json.loads(faults.read_text()).get(verb, (600, 0, ""))
    if verb == "migrate" and not words:
        return 0
    if verb == "serve" and not words:
        HTTPServer((os.environ["DCHAT_HOST"], int(os.environ["DCHAT_PORT"])), Api).serve_forever()
    time.sleep(seconds)
    print(words, file=sys.stderr)
    return int(status)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
