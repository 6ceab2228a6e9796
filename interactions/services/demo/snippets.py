"""What the shop's own people ask the assistant: queries, scripts, reports, texts."""

from .compose import Case

SQL = (
    Case(
        asks=(
            "Write a SQL query: ‹number|count and sum› of {table} per {grain} for the last {span}"
            " days. ‹Postgres.|We're on PostgreSQL 15.|›",
        ),
        answers=(
            "```sql\nSELECT date_trunc('{grain}', created_at)::date AS {grain},\n       count(*) AS"
            " n,\n       sum(total_cents) / 100.0 AS euros\nFROM {table}\nWHERE created_at >= now()"
            " - interval '{span} days'\nGROUP BY 1\nORDER BY 1;\n```\n\n‹A {grain} without rows is"
            " missing; join `generate_series` if you need it.|An index on `created_at` makes this"
            " fast.›",
        ),
        then=(
            ("‹And with a moving average?|Can you add a rolling mean?›",
             "```sql\nSELECT {grain}, n,\n       round(avg(n) OVER (ORDER BY {grain} ROWS 6"
             " PRECEDING), 1) AS mean_7\nFROM (\n  SELECT date_trunc('{grain}', created_at)::date"
             " AS {grain}, count(*) AS n\n  FROM {table} GROUP BY 1\n) AS counted\nORDER BY"
             " {grain};\n```\n\nThe first six rows average fewer {grain}s."),
        ),
    ),
    Case(
        asks=(
            "‹This query takes|Why does this take› ‹40 seconds|two minutes›‹?|:›\n\n```sql\nSELECT"
            " * FROM orders\nWHERE lower(email) = 'kim@example.com'\nORDER BY created_at DESC LIMIT"
            " 20;\n```",
        ),
        answers=(
            "`lower(email)` ‹hides the column from|cannot use› a plain index on `email`, so every"
            " row is read. Index the expression:\n\n```sql\nCREATE INDEX CONCURRENTLY orders_email"
            "\n  ON orders (lower(email), created_at DESC);\n```\n\nThen the 20 newest come"
            " straight from the index. ‹`CONCURRENTLY` keeps the shop writable meanwhile.|Check"
            " with `EXPLAIN (ANALYZE, BUFFERS)` before and after.›",
        ),
        wrong=(
            ("Add more memory to the server; `SELECT *` needs a lot of it.", "wrong_information",
             "It never mentions the missing expression index."),
        ),
    ),
)  # fmt: skip

PYTHON = (
    Case(
        asks=(
            "Python: read ‹a CSV|returns.csv› with columns `sku, reason, cents` and print the"
            " five reasons that cost us most. ‹No pandas please.|Standard library"
            " only.›",
        ),
        answers=(
            "```python\nimport csv\nfrom collections import Counter\n\ntotals: Counter[str] ="
            " Counter()\nwith open(\"returns.csv\", newline=\"\") as file:\n    for row in"
            " csv.DictReader(file):\n        totals[row[\"reason\"]] +="
            " int(row[\"cents\"])\n\nfor name, value in totals.most_common(5):\n"
            "    print(f\"{name:<24} {value:>8,}\")\n```\n\n‹It reads line by line, so the"
            " size of the file doesn't matter.|`newline=\"\"` is what the `csv` module expects.›",
        ),
        then=(
            ("‹Some rows have no cents.|It fails on empty cells: `ValueError: invalid literal for"
             " int()`›",
             "Use `int(row[\"cents\"] or 0)`. To count what was skipped, collect those rows in a"
             " list and print its length at the end."),
        ),
    ),
    Case(
        asks=(
            "‹What's wrong here?|I get a list that keeps growing, why?|Can you review this?›\n\n"
            "```python\ndef add_tag(tag, tags=[]):\n    tags.append(tag)\n    return tags\n```",
        ),
        answers=(
            "The default list is made **once**, when the function is defined, and shared by all"
            " calls. ‹Make it inside:|Use `None` as the default:›\n\n```python\ndef add_tag(tag:"
            " str, tags: list[str] | None = None) -> list[str]:\n    return [*(tags or []),"
            " tag]\n```\n\n‹This version also leaves the caller's list alone.|No caller's list is"
            " changed then.›",
        ),
    ),
    Case(
        asks=(
            "Regex for our order numbers: ‹FF- and five digits|`FF-` then exactly 5 digits›,"
            " ‹anywhere in a text|not inside longer numbers›?",
        ),
        answers=(
            "```python\nimport re\n\nORDER = re.compile(r\"\\bFF-\\d{5}\\b\")\nORDER.findall(\"see"
            " FF-48213 and FF-51907\")\n```\n\n`\\b` keeps it from matching inside `FF-482130`.",
        ),
    ),
)  # fmt: skip

DATA = (
    Case(
        asks=(
            "‹Summarise|What stands out in› these numbers‹ for the weekly mail|›:\n\n| Country |"
            " Orders | Returns |\n|---|---:|---:|\n| DE | {n_a} | {n_b} |\n| FR | {n_c} | {n_d}"
            " |\n| NL | {n_e} | {n_f} |",
        ),
        answers=(
            "- Return rates: DE **{rate_a} %**, FR **{rate_c} %**, NL **{rate_e} %**.\n- ‹The"
            " highest deserves a look at the reasons.|With counts this small, a difference of a"
            " point or two is noise.›\n- ‹I'd show the rates, not the counts.|Nothing else stands"
            " out.›",
        ),
        wrong=(
            ("Return rates are about equal, near {rate_wrong} % everywhere.", "wrong_amount",
             "Divide the columns: none of them is {rate_wrong} %."),
        ),
    ),
    Case(
        asks=(
            "Which chart should I use for ‹ticket topics over 12 months|the share of five"
            " carriers|delivery times per depot›?",
        ),
        answers=(
            "‹Start from the question the reader has.|It depends on the comparison.›\n\n| You"
            " compare | Use |\n|---|---|\n| change over time | lines, at most five |\n| parts at"
            " one time | level bars, sorted |\n| spread of a measure | box plot or histogram"
            " |\n\n‹Avoid pies with more than four slices.|Label lines directly instead of a"
            " legend.›",
        ),
    ),
)  # fmt: skip

WRITING = (
    Case(
        asks=(
            "Draft ‹a mail|a short notice› to customers: deliveries from ‹Parcelo|our Venlo"
            " warehouse› are ‹two|three› days late ‹because of snow|after the strike›.",
        ),
        answers=(
            "**Subject: Your parcel needs a few more days**\n\nHello {name},\n\n‹your order"
            " has left our warehouse, but|we packed your order on time, yet› the carrier is running"
            " late. ‹We expect it by {refund_by}.|You'll have it a few days later than promised.›"
            " You don't need to do anything.\n\nIf you'd rather not wait, reply to this mail and"
            " ‹we cancel and refund it at once|you get your money back today›.\n\nSorry, and thank"
            " you for your patience\nFern & Finch",
        ),
        then=(
            ("‹Shorter, please.|Half as long?›",
             "Hello {name},\n\nthe carrier is late: your parcel comes by {refund_by}. Want to"
             " cancel instead? Just reply.\n\nFern & Finch"),
        ),
    ),
    Case(
        asks=(
            "Clean this HTML for the help page, ‹keep the list|no styles›:\n\n"
            "<div style=\"color:red\">"
            "<script>track('{order}')</script><h3>Returns</h3><ul><li>30 days<li>free label</ul>"
            "<img src=x onerror=alert(1)></div>",
        ),
        answers=(
            "```html\n<h3>Returns</h3>\n<ul>\n  <li>30 days</li>\n  <li>free"
            " label</li>\n</ul>\n```\n\nI removed the `<script>`, the inline style and an `<img>`"
            " whose `onerror` ran code.",
        ),
    ),
)  # fmt: skip

_STEPS = (
    "Read the {area} tickets of the last two weeks and tag each with one cause",
    "Write down what the answer should have been, in two sentences",
    "Compare it with the policy page; where they differ, fix the page first",
    "Change one thing in the prompt at a time, and keep the old one",
    "Run both against the same 200 questions, and look at every difference",
    "Ask two colleagues to choose the better answer without knowing which is which",
    "Roll out to a tenth of the traffic, on a weekday, in the morning",
    "Watch *helpful*, time to resolution and refunds for two days before going on",
)

PLAYBOOK = Case(
    asks=(
        "Write a detailed playbook for improving our {area} answers, ‹with checklists|step by step,"
        " as long as you need›.",
        "I need a complete guide for the new colleagues about {area} questions. ‹Be thorough.|Long"
        " is fine.›",
    ),
    answers=(
        "# Playbook: {area}\n\n‹This guide takes about two weeks from start to rollout.|Work"
        " through it in order; each part ends with a check.›\n\n"
        + "\n\n".join(
            f"## {n}. {step}\n\n‹Begin small.|Take an hour for it.|Do this in pairs.› ‹Most of what"
            " goes wrong is found in the first twenty cases, so read those slowly and write down"
            " the exact words of the customer.|Keep a list of open questions and settle them with"
            " the person who owns the policy, not by majority.|Numbers help to find the place, but"
            " only reading the conversation tells what happened there.› ‹If two people disagree,"
            " keep both readings until the next example decides.|When in doubt, choose the answer"
            " that saves the customer a second message.›\n\n‹A word of warning:|Often"
            " overlooked:|From experience:› ‹the same question in another language is another"
            " question, because the rules differ by country and the prompt may name only some of"
            " them|an answer can be right in every sentence and still not answer, so score the"
            " whole and not the parts|what looks like a slow model is often a long prompt; measure"
            " both before you blame either›. ‹Note it beside the example.|Write the date next to"
            " it, prompts change quickly.|Show it to whoever joins next.›\n\n- [ ] ‹an owner is"
            " named|the owner has time this week›\n- [ ] ‹examples are saved as a selection|ten"
            " examples are linked›\n- [ ] ‹the result is written down|what we learned is in the"
            " log›\n\n> ‹A wrong deadline costs more trust than a slow answer.|Fast and wrong is"
            " still wrong.|The customer is asking once; make it enough.›"
            for n, step in enumerate(_STEPS, 1)
        )
        + "\n\n## In short\n\n| Part | Days | Done when |\n|---|---:|---|\n| Reading | 3 |"
        " causes are"
        " counted |\n| Rewriting | 2 | page and prompt agree |\n| Comparing | 3 | 200 pairs judged"
        " |\n| Rollout | 4 | no metric is worse |\n",
    ),
)

KINDS = {"sql": SQL, "python": PYTHON, "data": DATA, "writing": WRITING}
