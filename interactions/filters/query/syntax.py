"""What the query bar understands, by examples: for the page of the syntax and for who begins."""

from dataclasses import dataclass

_ID = "01929f3c-0000-7000-8000-000000000001"


@dataclass(frozen=True, slots=True)
class SyntaxLine:
    """Examples of one thing that a query can ask for, and what the query then finds.

    An example with an id that is made up finds nothing (`has_made_up_id`).
    """

    examples: tuple[str, ...]
    finds: str
    has_made_up_id: bool = False


@dataclass(frozen=True, slots=True)
class SyntaxSection:
    """Lines of one subject."""

    title: str
    lines: tuple[SyntaxLine, ...]


SYNTAX = (
    SyntaxSection(
        "Text",
        (
            SyntaxLine(
                ("refund", '"next week"'),
                "the word or the phrase in the prompt or the completion, in any case",
            ),
            SyntaxLine(
                ("prompt:refund", 'completion:"I cannot"'),
                "text in the prompt alone, in the completion alone",
            ),
            SyntaxLine(
                ("text.system:refund", "text.all:refund", "prompt.all:refund"),
                "text in system prompts; anywhere including them; in the prompt including them",
            ),
            SyntaxLine(('text:="Yes."',), "a text that is exactly this"),
        ),
    ),
    SyntaxSection(
        "Labels",
        (
            SyntaxLine(("env:prod",), "the label env with the value prod"),
            SyntaxLine(("env:(prod OR dev)",), "one of several values"),
            SyntaxLine(("env:*", "label:env"), "the label env, whatever its value"),
            SyntaxLine(
                ('label."my label":"a value"', "label.model:x"),
                "a label with spaces in its name, or named like a field of this page",
            ),
        ),
    ),
    SyntaxSection(
        "Feedback",
        (
            SyntaxLine(
                ("feedback.helpful:no", "feedback.csat:<3", "feedback.csat:2..4"),
                "a value under this metric: yes or no, a comparison, a range with both its ends",
            ),
            SyntaxLine(
                ("feedback.csat:any", "feedback.csat:none"),
                "any value under the metric; no feedback under the metric",
            ),
            SyntaxLine(("feedback:*", "-feedback:*"), "any feedback at all; no feedback at all"),
            SyntaxLine(
                ('feedback.helpful:(no because:slow by:"ann@example.org")',),
                "one feedback with this value, this text in its reason, and this author",
            ),
            SyntaxLine(
                ('feedback.helpful:(no because:="")',), "a value for which no reason was given"
            ),
            SyntaxLine(("compared:csat", "compared:*"), "one side of a comparison of two answers"),
        ),
    ),
    SyntaxSection(
        "Model, source, people, ids",
        (
            SyntaxLine(
                ("model:gpt-4o", "model:none", "model:*"), "answered by this model; by none; by any"
            ),
            SyntaxLine(
                ("via:live",),
                "the source: live, offline, automation, dataset or evaluation",
            ),
            SyntaxLine(('user:"ann@example.org"',), "logged by this person, or in their name"),
            SyntaxLine(
                (f"session:{_ID}", f"id:{_ID}", f"prompt_hash:{_ID}"),
                "the turns of a session; one interaction; all with the very same prompt",
                has_made_up_id=True,
            ),
        ),
    ),
    SyntaxSection(
        "Numbers",
        (
            SyntaxLine(
                ("latency:>500ms", "ttft:1s..2s"),
                "time to the whole answer; time to its first token",
            ),
            SyntaxLine(
                ("tokens:>1000", "prompt_tokens:<100", "completion_tokens:0"),
                "tokens of prompt and completion together; of either",
            ),
            SyntaxLine(("images:>0",), "how many images"),
        ),
    ),
    SyntaxSection(
        "Time",
        (
            SyntaxLine(
                ("time:3h", "time:7d"), "up to now: minutes (m), hours (h), days (d), weeks (w)"
            ),
            SyntaxLine(
                ("time:2024", "time:2024-02", "time:2024-02-21"), "a year, a month or a day"
            ),
            SyntaxLine(
                ("time:2024-02-21..2024-02-29", "since:2024-02-21", "until:2024-02-29"),
                "from one day to another, both included; from; up to and with",
            ),
            SyntaxLine(("until:<2024-03-01",), "before that day"),
        ),
    ),
    SyntaxSection(
        "Together",
        (
            SyntaxLine(("env:prod refund",), "both: what stands side by side must all hold"),
            SyntaxLine(("env:prod OR refund",), "either; OR binds less than what stands together"),
            SyntaxLine(("-env:prod", "NOT refund"), "the opposite of what follows"),
            SyntaxLine(("(env:prod OR env:dev) latency:>2s",), "parentheses group"),
        ),
    ),
)
