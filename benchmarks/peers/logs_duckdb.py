"""Errors since a time in a log of mixed JSON lines, counted with duckdb: `logs_duckdb.py FILE TIME`."""

import sys

import duckdb

QUERY = """
    SELECT count(*) FROM (
        SELECT json FROM read_ndjson_objects(?, ignore_errors=true, maximum_object_size=100000000)
    )
    WHERE coalesce(json->>'level', json->>'lvl') IN ('50', 'error', 'ERROR')
      AND coalesce(
          epoch(try_cast(json->>'timestamp' AS TIMESTAMPTZ)),
          try_cast(json->>'time' AS DOUBLE) / 1000,
          try_cast(json->>'ts' AS DOUBLE)) >= epoch(CAST(? AS TIMESTAMPTZ))
"""
sys.stdout.write(f"{duckdb.connect().execute(QUERY, sys.argv[1:3]).fetchall()[0][0]}\n")
