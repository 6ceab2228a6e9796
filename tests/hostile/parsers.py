"""The parsers that read what strangers and files say, each with what it may refuse by.

Those whose round trips and meanings are tried beside their own code stand in `ELSEWHERE`, by the
file that does.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from hypothesis import strategies as st

from adaptive_site.lib import exact_json
from adaptive_site.lib.errors import DomainError
from adaptive_site.lib.files import data_uri
from adaptive_site.lib.http import byte_ranges, client_address, hosts
from adaptive_site.lib.http.sse import Events
from interactions.api import request_body
from interactions.api.graphql import paging
from interactions.filters import notation
from interactions.filters.conditions import Number
from interactions.models import Dataset
from interactions.providers import loose_json
from interactions.services.browsing.ids_in_text import ids_in
from interactions.services.building import recipe_reading
from interactions.services.export.choices import FileChoices
from interactions.services.importing.readers.open_file import open_file
from interactions.services.masking import finders
from interactions.services.recording import drafts
from interactions.web.listing import columns
from projects.models import Metric
from projects.services import encryption
from projects.services.signing_in import second_factor

# Letters and pieces that parsers look for, with odd ones between.
PIECES = (
    *"{}[]()<>:,;=&%/\\|\"'`~!?*+-.@#$^ \t\n\r\0é²١🙂\ufeff\u2028", "\ud83d", "bytes=", "0",
    "9" * 25, "1e999", "NaN", "null", "true", "data:", ";base64,", "image/png", "gte", "36h", "9w",
    "2026-11-30", "T25:61", "+99:99", "label:", "metric:", "a.b", "::1", "http://", "0" * 8,
    "-0000-7000-8000-", "ffff", "id", "time",
    "(?P<a>", "{9999999999}", "(?R)", "\\p{", "event: ", "retry",
    "user", "text",
)  # fmt: skip
texts = st.text(max_size=40) | st.lists(st.sampled_from(PIECES), max_size=12).map("".join)
whole_texts = texts.map(lambda text: text.encode("utf-8", "ignore").decode())
data = st.binary(max_size=200) | texts.map(lambda text: text.encode("utf-8", "surrogatepass"))
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | whole_texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(whole_texts, inner, max_size=4),
    max_leaves=8,
)
MAGIC = (
    b"PK\3\4",
    b"PK\5\6" + bytes(18),
    b"PAR1",
    b"\x1f\x8b\x08",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"",
)


@dataclass(frozen=True, slots=True)
class Parser:
    """What it is given, what reads it, and how that says no; `spell` writes what was read."""

    given: st.SearchStrategy[Any]
    read: Callable[[Any], Any]
    refuses_by: tuple[type[Exception], ...] = ()
    spell: Callable[[Any], Any] | None = None


def _events(given: list[bytes]) -> list[tuple[bytes, str]]:
    events = Events()
    return [one for piece in given for one in events.feed(piece)] + events.rest()


def _file(given: tuple[str, bytes]) -> int:
    name, content = given
    with open_file(name, io.BufferedReader(io.BytesIO(content)), len(content)) as opened:
        return sum(1 for _ in opened.records)


def _queried(text: str) -> QueryDict:
    query = QueryDict(mutable=True)
    query["of"] = "00000000-0000-7000-8000-000000000000"
    for name in ("use", "metric", "sample", "seed", "split", "balance", "scores", "gap", "dedupe"):
        query[name] = text
    return query


def _step(code: str) -> Any:
    return second_factor._step_of(SECRET, code, after=0)


SECRET = "JBSWY3DPEHPK3PXP" * 2
SCALAR = Metric(key="score", kind=Metric.Kind.SCALAR)
YES_NO = Metric(key="helpful", kind=Metric.Kind.BOOL)
NO = (ValueError,)
WRONG = (DomainError,)
files = st.tuples(
    st.sampled_from(("a.jsonl", "a.json", "a.csv", "a.zip", "a.parquet", "a.jsonl.gz", "")),
    st.tuples(st.sampled_from(MAGIC), data).map(b"".join),
)
payloads = st.dictionaries(
    st.sampled_from(("user", "labels", "metadata", "temperature", "tools", "n", "stream_options",
                     "session_id", "feedbacks", "store", "max_tokens", "stop")),
    values,
    max_size=4,
)  # fmt: skip
PARSERS: dict[str, Parser] = {
    "label of an address": Parser(
        texts, notation.parse_label, NO, lambda read: notation.spell_label(*read)
    ),
    "feedback of an address": Parser(texts, notation.parse_feedback, NO, notation.spell_feedback),
    "measure of an address": Parser(
        texts, lambda text: notation.parse_measure(Number.LATENCY, text), NO, notation.spell_measure
    ),
    "words looked for": Parser(texts, notation.parse_words, NO, notation.spell_words),
    "number": Parser(texts, notation.parse_number, NO, notation.spell_number),
    "length of time": Parser(texts, notation.parse_span, NO),
    "point in time": Parser(texts, notation.parse_time, NO, lambda at: at.isoformat()),
    "columns of the list": Parser(texts, columns.parse_columns, NO, columns.spell_columns),
    "ids in a text": Parser(texts, ids_in),
    "recipe of a dataset": Parser(
        whole_texts.map(_queried), recipe_reading.read, WRONG, lambda read: QueryDict(read.address)
    ),
    "choices of a file": Parser(
        st.dictionaries(
            st.sampled_from(("format", "container", "split", "images", "threshold")), texts
        ),
        lambda given: FileChoices.of(given, kind=Dataset.Kind.COMPLETION),
        WRONG,
    ),
    "Range": Parser(
        texts, lambda text: byte_ranges.byte_range(text, 10), (byte_ranges.Unsatisfiable,)
    ),
    "X-Forwarded-For": Parser(
        st.tuples(texts, texts), lambda both: client_address.address_of(*both, proxies=2)
    ),
    "name of a host": Parser(texts, hosts.read_host, NO),
    "data URI": Parser(texts.map(lambda text: f"data:{text}"), data_uri.parse, NO),
    "JSON of a request": Parser(data, drafts.parse_json, WRONG),
    "exact JSON": Parser(data, exact_json.loads, NO, exact_json.dumps),
    "JSON of a provider": Parser(data, loose_json.parsed, NO),
    "events of a provider": Parser(st.lists(data, max_size=4), _events),
    "options of a request": Parser(payloads, request_body.options, WRONG),
    "labels and metadata": Parser(payloads, request_body.labels_and_metadata, WRONG),
    "labels": Parser(values, drafts.check_labels, WRONG, dict),
    "time of a request": Parser(
        values, lambda value: drafts.check_time(value, field="x"), WRONG, lambda at: at.isoformat()
    ),
    "score": Parser(values, SCALAR.value_of, NO, float),
    "yes or no": Parser(values, YES_NO.value_of, NO, float),
    "cursor": Parser(texts, lambda text: paging.id_at(text, field="x"), WRONG),
    "cursor of bytes": Parser(
        data.map(paging._sealed), lambda text: paging.id_at(text, field="x"), WRONG,
        lambda id: None if id is None else paging.cursor_at(id),
    ),
    "cursor of groups": Parser(
        values.map(lambda value: paging._sealed(b"g" + exact_json.dumps(["name", value, "x"]))),
        lambda text: paging.group_at(text, "name", field="x"), WRONG,
        lambda group: None if group is None else paging.group_cursor_at("name", group),
    ),
    "imported file": Parser(files, _file, WRONG),
    "pattern that masks": Parser(whole_texts, finders.compiled, NO),
    "code of the second step": Parser(texts, _step),
    "recovery code": Parser(texts, second_factor._digest),
    "sealed secret": Parser(data, encryption.unseal, WRONG, encryption.seal),
}  # fmt: skip
ELSEWHERE = {
    "query bar": "interactions/filters/query/test_query_property.py",
    "filter of an address": "interactions/filters/address/test_form.py",
    "controls of a filter": "interactions/filters/address/test_controls.py",
    "GraphQL's filters": "interactions/api/graphql/test_filters.py",
    "members of an interaction": "interactions/services/recording/test_drafts.py",
    "odd values of the REST API": "interactions/api/rest/test_odd_values.py",
    "images": "interactions/services/images/test_store.py",
    "pieces of a streamed answer": "interactions/providers/test_merging.py",
    "JSON shown": "interactions/web/rendering/test_json_text.py",
    "Markdown": "interactions/web/rendering/test_nothing_hidden.py",
    "times in a zone": "interactions/web/test_time_zones.py",
    "words of the index": "interactions/textindex/test_tokenizer.py",
    "what masking finds": "interactions/services/masking/test_masker.py",
    "addresses that a provider may have": "lib/http/test_outgoing.py",
    "recipes": "interactions/services/building/test_recipe.py",
}
