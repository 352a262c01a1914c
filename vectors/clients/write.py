"""Writes a document as `requests(json=...)` sends it, and as the client for Python hashes it. One document a line in and out."""

import json
import sys

for line in sys.stdin.buffer.read().decode().split("\n"):
    if line:
        document = json.loads(line)
        print(json.dumps([json.dumps(document), json.dumps(document, separators=(",", ":"))]))
