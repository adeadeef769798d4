"""Spans to where traces are kept: an OTLP endpoint, or a file of OTLP's JSON. Loads the OpenTelemetry SDK."""

from __future__ import annotations

import base64
import logging
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec

from halo_engine import console
from halo_engine.agents.spans import Span, spans
from halo_engine.agents.store import Session
from halo_engine.agents.timeline import records
from halo_engine.errors import NotFound, Unavailable
from halo_engine.secrets import Redactor, known
from halo_engine.workspace import Workspace

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan

BATCH = 512
IDS = frozenset({"traceId", "spanId", "parentSpanId"})
PATH = "/v1/traces"
TIMEOUT = 5
"""Seconds, with retries, until an endpoint is taken to be away."""


def readable(spans: Iterable[Span]) -> Iterator[ReadableSpan]:
    """Spans as the SDK has them."""
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.sdk.util.instrumentation import InstrumentationScope
    from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode, TraceFlags

    resource = Resource({"service.name": "halo"})
    scope = InstrumentationScope("halo_engine.agents")
    sampled = TraceFlags(TraceFlags.SAMPLED)
    for span in spans:
        parent = SpanContext(span.trace, span.parent, is_remote=False, trace_flags=sampled) if span.parent else None
        yield ReadableSpan(
            name=span.name,
            context=SpanContext(span.trace, span.id, is_remote=False, trace_flags=sampled),
            parent=parent,
            resource=resource,
            attributes=span.attributes | ({"error.type": span.error} if span.error else {}),
            kind=SpanKind.CLIENT if span.client else SpanKind.INTERNAL,
            status=Status(StatusCode.ERROR, span.error) if span.error else Status(),
            start_time=span.start,
            end_time=span.end,
            instrumentation_scope=scope,
        )


def traces(workspace: Workspace, rows: Iterable[Session], *, contents: bool) -> Iterator[list[Span]]:
    """The spans of each session whose transcript is still there; of the others a word on stderr."""
    clean = Redactor(known(workspace.root)) if contents else None
    for row in rows:
        try:
            yield spans(row, records(workspace, row), clean)
        except NotFound as gone:
            console.note(gone.message)


def send(endpoint: str, sessions: Iterable[Sequence[Span]]) -> int:
    """Send sessions to an OTLP endpoint over HTTP, such as `http://localhost:4318`; returns how many.

    Raises Unavailable when it does not take them.
    """
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace.export import SpanExportResult

    logging.getLogger("opentelemetry").setLevel(logging.CRITICAL + 1)  # what it says of retries, Halo says better
    url = endpoint if urlsplit(endpoint).path.strip("/") else endpoint.rstrip("/") + PATH
    exporter = OTLPSpanExporter(endpoint=url, timeout=TIMEOUT)
    sent = 0
    try:
        for each in sessions:
            made, sent = list(readable(each)), sent + 1
            for start in range(0, len(made), BATCH):
                if exporter.export(made[start : start + BATCH]) is not SpanExportResult.SUCCESS:
                    raise Unavailable(f"{url} did not take the spans", "is a collector listening there for OTLP/HTTP?")
    finally:
        exporter.shutdown()  # type: ignore[no-untyped-call]
    return sent


def lines(sessions: Iterable[Sequence[Span]]) -> Iterator[str]:
    """Spans in OTLP's JSON, a line a session, as a collector's file receiver reads them."""
    from google.protobuf.json_format import MessageToDict
    from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans

    for each in sessions:
        message = MessageToDict(encode_spans(list(readable(each))), use_integers_for_enums=True)
        yield msgspec.json.encode(hexed(message)).decode()


def hexed(value: Any) -> Any:
    """OTLP writes ids in hex where protobuf's JSON has base64."""
    if isinstance(value, dict):
        return {name: base64.b64decode(each).hex() if name in IDS else hexed(each) for name, each in value.items()}
    return [hexed(each) for each in value] if isinstance(value, list) else value


def save(path: Path, sessions: Iterable[Sequence[Span]]) -> int:
    """Write a file, whole or not at all; returns how many lines."""
    return console.save(path, lines(sessions))
