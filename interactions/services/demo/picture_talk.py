"""What is asked about the pictures, answered from the figures they were drawn with."""

from dataclasses import dataclass

from . import pictures as p
from .charts import Named, said
from .papers import Receipt


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A question about one or two pictures; `wrong` has its answer, reason and details."""

    task: str
    pictures: tuple[str, ...]
    question: str
    right: tuple[str, ...]
    wrong: tuple[str, str, str] | None = None
    language: str = "en"


def _sum(rows: Named) -> float:
    return sum(value for _, value in rows)


def _of(rows: Named, name: str) -> float:
    return dict(rows)[name]


def _table(head: str, rows: Named) -> str:
    body = "\n".join(f"| {name} | {said(value)} |" for name, value in rows)
    return f"| {head} | Value |\n|---|---:|\n{body}"


_GROWTH = _sum(p.ORDERS) / _sum(p.ORDERS_BEFORE) * 100 - 100
_WEEKEND = _of(p.ORDERS, "Sat") + _of(p.ORDERS, "Sun")
_YEARS = (sum(a for _, a, _ in p.QUARTERS), sum(b for _, _, b in p.QUARTERS))
_PEAK = max(p.REFUNDS, key=lambda day: day[1])

CHARTS = (
    Ask(
        task="chart", pictures=("orders",), question="Which day had the most orders, and how many?",
        right=(
            f"**Saturday**, with **{said(_of(p.ORDERS, 'Sat'))}** orders; it is the highlighted"
            f" bar. Sunday follows with {said(_of(p.ORDERS, 'Sun'))}.",
            f"Saturday: {said(_of(p.ORDERS, 'Sat'))} orders.",
        ),
        wrong=(
            f"Sunday had the most orders, {said(_of(p.ORDERS, 'Sat'))}.",
            "misread_chart", "It's Saturday. The bar is even in another colour.",
        ),
    ),
    Ask(
        task="chart", pictures=("orders",), question="What share of the week falls on the weekend?",
        right=(
            f"Saturday and Sunday make {said(_WEEKEND)} of {said(_sum(p.ORDERS))} orders, which is"
            f" **{_WEEKEND / _sum(p.ORDERS):.0%}**.",
        ),
        wrong=("About 25 % of the orders.", "wrong_amount", "Add the two bars: it's far more."),
    ),
    Ask(
        task="chart", pictures=("orders",), question="Please turn this chart into a table.",
        right=(_table("Day", p.ORDERS), "Here you are:\n\n" + _table("Weekday", p.ORDERS)),
    ),
    Ask(
        task="chart", pictures=("orders_before", "orders"),
        question="First week 42, then week 43. What changed?",
        right=(
            f"Orders rose from {said(_sum(p.ORDERS_BEFORE))} to **{said(_sum(p.ORDERS))}**"
            f" (+{_GROWTH:.1f} %). Most of it came from Saturday (+82); Tuesday and Sunday fell"
            " slightly (−13 and −7).",
            f"In all **+{_GROWTH:.1f} %**. Up: Mon, Wed, Thu, Fri, Sat. Down: Tue and Sun.",
        ),
        wrong=(
            "Both weeks look the same; there is no meaningful change.",
            "misread_chart", "Saturday alone is 82 higher. Did it see the second image?",
        ),
    ),
    Ask(
        task="chart", pictures=("reasons",), question="Why do most parcels come back?",
        right=(
            "**Wrong size** leads with 318 of 847 returns (38 %), then damage in transit (204)."
            " Together they explain 62 % of all returns.",
            "Wrong size: 318 returns, more than a third of October's 847.",
        ),
        wrong=("Most parcels come back damaged (318).", "misread_chart", "318 is wrong size."),
    ),
    Ask(
        task="chart", pictures=("refunds",), question="Anything odd in these two weeks?",
        right=(
            f"Yes. On **{_PEAK[0]}** refunds jump to **€{said(_PEAK[1])}**, about 2.6 times the day"
            " before, and stay high on 14 October (€2,950). From the 15th on they are near their"
            " usual €1,200–1,700 again. One event, not a trend; I'd look at that day's batch.",
            f"A spike on {_PEAK[0]} (€{said(_PEAK[1])}), gone after two or three days.",
        ),
        wrong=(
            "No, refunds grow steadily over the period, by about 1 % a day.",
            "misread_chart", "There is a spike in the middle you can see from across the room.",
        ),
    ),
    Ask(
        task="chart", pictures=("replies",), question="How much faster than the phone are we in"
             " June?",
        right=(
            "In June the assistant answers after **14 minutes**, the phone after **29**: 15 minutes"
            " sooner, or about half the time.",
        ),
        wrong=("The assistant takes 29 minutes, twice as long.", "misread_chart", "Lines swapped."),
    ),
    Ask(
        task="chart", pictures=("quarters",), question="Compare the two years for the board,"
             " briefly.",
        right=(
            f"Revenue grew from €{_YEARS[0]}k to **€{_YEARS[1]}k"
            f" (+{_YEARS[1] / _YEARS[0] - 1:.0%})**.\n\n- Every quarter is above last year.\n- Q3"
            " gained most in percent (+35 %), Q4 most in euros (+€72k).\n- Q4 remains"
            " more than a third of the year.",
            f"+{_YEARS[1] / _YEARS[0] - 1:.0%} in all (€{_YEARS[0]}k → €{_YEARS[1]}k); strongest"
            " growth in Q3, largest quarter Q4.",
        ),
        wrong=(
            "Revenue fell in Q3 from 238 to 176 thousand euros.",
            "misread_chart", "Orange is this year. It went up.",
        ),
    ),
    Ask(
        task="chart", pictures=("topics",), question="Quels sont les deux premiers sujets ?",
        language="fr",
        right=(
            "*Returns and refunds* (34 %) et *Where is my order?* (27 %) : à eux deux **61 %** des"
            " tickets.",
        ),
    ),
    Ask(
        task="chart", pictures=("topics",), question="How much is not about returns or delivery?",
        right=("100 − 34 − 27 = **39 %**: invoices, warranty, accounts and the rest.",),
        wrong=("Roughly half of it.", "wrong_amount", "39 %, the numbers are printed right there."),
    ),
    Ask(
        task="chart", pictures=("late",), question="Mit welchem Paketdienst sollten wir reden?",
        language="de",
        right=(
            "Mit **Parcelo**: dort kommen 7,9 % zu spät, fast viermal so viele wie bei NordPost"
            " (2,1 %).",
        ),
        wrong=("Mit NordPost, dort sind es 7,9 %.", "misread_chart", "Das ist Parcelo!"),
    ),
    Ask(
        task="chart", pictures=("claims",), question="Which product should quality look at first?",
        right=(
            "The **Robot mower R2**: 47 of 113 claims (42 %). Relate it to units sold before you"
            " decide; a popular product collects more claims.",
        ),
    ),
    Ask(
        task="chart", pictures=("stock",), question="When should we have reordered?",
        right=(
            "Stock falls below the line of 300 in **week 35** (292). To be on time the order had to"
            " go out in week 34 (371) at the latest.",
        ),
        wrong=("There is enough stock; no need to reorder.", "misread_chart", "96 left. Really?"),
    ),
    Ask(
        task="chart", pictures=("visits",), question="Best hour for maintenance?",
        right=(
            "**04:00**: 85 visits, the quietest hour; 03:00 and 02:00 are nearly as calm (90,"
            " 120).",
            "Between 2 and 5 in the morning, best at 04:00.",
        ),
        wrong=("20:00, when traffic is at its extreme.", "misread_chart", "That's the PEAK."),
    ),
)  # fmt: skip


def _receipt(name: str, paper: Receipt, language: str, words: tuple[str, str, str]) -> Ask:
    """How much was paid, and how much of it is tax; `words` are question, answer, complaint."""
    paid, tax = paper.money(paper.total), paper.money(paper.tax_in_total)
    swapped = paper.money(paper.total - paper.items[-1][1])
    answer = words[1].format(paid=f"**{paid} {paper.currency}**", tax=f"{tax} {paper.currency}")
    wrong = words[1].format(paid=f"**{swapped} {paper.currency}**", tax=f"{tax} {paper.currency}")
    return Ask(
        task="receipt", pictures=(name,), language=language, question=words[0],
        right=(answer, f"{answer}\n\n{_lines(paper)}"), wrong=(wrong, "wrong_amount", words[2]),
    )  # fmt: skip


def _lines(paper: Receipt) -> str:
    rows = "\n".join(f"| {name} | {paper.money(price)} |" for name, price in paper.items)
    return f"| {paper.shop} | {paper.currency} |\n|---|---:|\n{rows}"


def _as_json(paper: Receipt) -> str:
    items = ",\n".join(
        f'    {{"name": "{name}", "price": {price / 100:.2f}}}' for name, price in paper.items
    )
    return (
        f'```json\n{{\n  "shop": "{paper.shop}",\n  "number": "{paper.number}",\n  "items": [\n'
        f'{items}\n  ],\n  "total": {paper.total / 100:.2f},\n  "currency": "{paper.currency}"\n'
        "}\n```"
    )


_BOTH = p.LIBRAIRIE.total + p.CAFE.total

PAPERS = (
    _receipt("cafe", p.CAFE, "de", (
        "Wie viel habe ich bezahlt, und wie viel davon ist Mehrwertsteuer?",
        "Bezahlt: {paid}, darin {tax} Mehrwertsteuer (19 %).", "Die Summe steht doch fett da.")),
    _receipt("hardware", p.HARDWARE, "en", (
        "What's the total and the VAT? It's for an expense claim.",
        "The total is {paid}, including {tax} of VAT at 20 %.", "It left out the sandpaper.")),
    _receipt("librairie", p.LIBRAIRIE, "fr", (
        "Quel est le total, et la TVA ?", "Le total est de {paid}, dont {tax} de TVA (10 %).",
        "Le stylo n'est pas compté.")),
    _receipt("taxi", p.TAXI, "en", (
        "How much was the ride with the tip?", "You paid {paid} in all, of which {tax} is tax.",
        "I asked WITH the tip.")),
    _receipt("grocer", p.GROCER, "pt", (
        "Quanto paguei e quanto é IVA?", "O total é {paid}, com {tax} de IVA (6 %).",
        "Falta o vinho.")),
    Ask(task="receipt", pictures=("hardware",), question="Extract this as JSON.",
        right=(_as_json(p.HARDWARE),)),
    Ask(task="receipt", pictures=("grocer",), question="Extract this as JSON.",
        right=(_as_json(p.GROCER),)),
    Ask(task="receipt", pictures=("librairie", "cafe"), question="What do these two add up to?",
        right=(f"{p.LIBRAIRIE.money(p.LIBRAIRIE.total)} + {p.CAFE.money(p.CAFE.total)} ="
               f" **{p.CAFE.money(_BOTH)} EUR**.",),
        wrong=(f"Together they are **{p.CAFE.money(_BOTH - 1000)} EUR**.", "wrong_amount",
               "Ten euros short.")),
    Ask(task="parcel", pictures=("parcel_lyon",), question="Quel est le numéro de suivi ?",
        language="fr", right=("**NP 4410 7733 9082**, chez NordPost (envoi standard, 3,4 kg).",),
        wrong=("SV 4410 7733 9028.", "misread_image", "Préfixe et derniers chiffres faux.")),
    Ask(task="parcel", pictures=("parcel_leeds",), question="Is this the right address for Okafor?"
        " We have Flat 8, 9 Mill Lane.",
        right=("Not quite: the label says **Flat 3**, 9 Mill Lane, Leeds LS2 7EW. Please have"
               " SwiftVan correct it before delivery (SV 0087 2214 5560).",),
        wrong=("Yes, the address matches.", "misread_image", "Flat 3 is not flat 8.")),
    Ask(task="parcel", pictures=("parcel_lyon", "parcel_leeds"), question="Which one is heavier?",
        right=("The one to Leeds: 11.8 kg, against 3.4 kg for Lyon.",)),
    Ask(task="screenshot", pictures=("payment_error",), question="I get this every time, was I"
        " charged?",
        right=("No, you **have not been charged**: your bank declined the 3-D Secure check"
               " (`PAY-3DS-07`). Confirm the payment in your bank's app when it asks, or choose"
               " another way to pay. Order FF-48213 is kept for 24 hours.",),
        wrong=("Yes, the payment went through and FF-48213 is on its way.", "wrong_information",
               "The screenshot says the opposite.")),
    Ask(task="screenshot", pictures=("login_error",), question="help???",
        right=("Your account is locked after five wrong passwords and unlocks by itself at"
               " **15:40**. Sooner: press *Reset password* in that window.",)),
    Ask(task="screenshot", pictures=("order_status",), question="Where is it? When does it come?",
        right=("It has been **at the depot** since 5 November; NordPost expects to deliver on **6"
               " November**. (Order FF-51907, 2 raised beds, 238.00 EUR.)",),
        wrong=("Your order was delivered on 5 November.", "misread_image", "It's at the depot.")),
)  # fmt: skip
