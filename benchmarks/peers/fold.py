"""The least that makes rows of a log: the last state of each stream in a dict, one sorted `executemany`."""

import sqlite3
import sys

import msgspec

log, out = sqlite3.connect(sys.argv[1]), sqlite3.connect(sys.argv[2])
decode = msgspec.json.Decoder(dict).decode
rows = {}
events = log.execute("SELECT stream, version, time, payload FROM events ORDER BY position")
for stream, version, time, payload in events:
    data = decode(payload)
    before = rows.get(stream)
    title, state = (before[1], before[2]) if before else ("", "open")
    rows[stream] = (stream, data.get("title", title), data.get("to", state), version, time)
out.execute("PRAGMA journal_mode = WAL")
out.execute("CREATE TABLE item (stream TEXT PRIMARY KEY, title TEXT, state TEXT, version INTEGER, changed TEXT)")
out.executemany("INSERT INTO item VALUES (?, ?, ?, ?, ?)", sorted(rows.values()))
out.commit()
