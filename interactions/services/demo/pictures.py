"""The pictures of the demo: their figures, which the talk about them reads too."""

from .canvas import Canvas
from .charts import bars, lines, pairs, ranking, ring
from .papers import Receipt, dialog, order_page, parcel, receipt

ORDERS = (
    ("Mon", 412), ("Tue", 388), ("Wed", 405), ("Thu", 476), ("Fri", 531), ("Sat", 694), ("Sun", 648)
)  # fmt: skip
ORDERS_BEFORE = (
    ("Mon", 398), ("Tue", 401), ("Wed", 377), ("Thu", 442), ("Fri", 498), ("Sat", 612), ("Sun", 655)
)  # fmt: skip
REASONS = (
    ("Wrong size", 318), ("Damaged in transit", 204), ("Changed my mind", 171),
    ("Not as described", 96), ("Arrived too late", 58),
)  # fmt: skip
REFUNDS = tuple(
    (f"{day} Oct", value)
    for day, value in enumerate(
        (1240, 1180, 1310, 1275, 1420, 1390, 1505, 1480, 3860, 2950, 1720, 1560, 1490, 1430), 5
    )
)
REPLY_OLD = (("Jan", 41), ("Feb", 38), ("Mar", 36), ("Apr", 33), ("May", 31), ("Jun", 29))
REPLY_NEW = (("Jan", 39), ("Feb", 31), ("Mar", 24), ("Apr", 19), ("May", 16), ("Jun", 14))
QUARTERS = (("Q1", 184, 211), ("Q2", 197, 243), ("Q3", 176, 238), ("Q4", 312, 384))
TOPICS = (
    ("Returns and refunds", 34), ("Where is my order?", 27), ("Invoices", 14), ("Warranty", 11),
    ("Account and login", 9), ("Other", 5),
)  # fmt: skip
LATE = (("NordPost", 2.1), ("SwiftVan", 3.4), ("Parcelo", 7.9), ("BlueDrop", 4.6), ("Loop", 2.8))
CLAIMS = (
    ("Robot mower R2", 47), ("Kettle Classic", 33), ("Desk lamp Arc", 21), ("Grill Duo", 12),
)  # fmt: skip
STOCK = tuple(
    (f"W{week}", value)
    for week, value in enumerate((940, 865, 790, 702, 640, 548, 455, 371, 292, 214, 158, 96), 27)
)
VISITS = tuple(
    (f"{hour:02}h", value)
    for hour, value in enumerate(
        (310, 190, 120, 90, 85, 140, 320, 610, 880, 1010, 1090, 1180, 1340, 1260, 1150, 1120, 1190,
         1310, 1480, 1720, 1890, 1760, 1240, 690)
    )
)  # fmt: skip

CAFE = Receipt(
    shop="Kaffeehaus Linde", address="Marktplatz 4, 79098 Freiburg", number="20418",
    date="14.10. 12:46", tax=19, words=("Beleg", "Summe", "inkl. MwSt.", "Vielen Dank!"),
    items=(("2 x Cappuccino", 780), ("1 x Apfelkuchen", 450), ("1 x Quiche, Salat", 1190),
           ("1 x Mineralwasser", 330)),
)  # fmt: skip
HARDWARE = Receipt(
    shop="Harper & Sons", address="12 Bridge Street, Bath", number="A-7731", date="3 Nov 16:20",
    tax=20, words=("Receipt", "Total", "incl. VAT", "Thank you, call again"), currency="GBP",
    items=(("Paint, matt white 5 l", 3250), ("Roller set", 1499), ("Masking tape x 3", 897),
           ("Dust sheet", 650), ("Sandpaper mixed", 425)),
)  # fmt: skip
LIBRAIRIE = Receipt(
    shop="Librairie du Port", address="8 quai Est, 35400 Saint-Malo", number="0093-51",
    date="22/10 17:05", tax=10, words=("Ticket", "Total", "dont TVA", "Merci de votre visite"),
    items=(("Roman policier", 890), ("Carnet A5", 1250), ("Atlas des phares", 3400),
           ("Stylo plume", 2690)),
)  # fmt: skip
TAXI = Receipt(
    shop="City Cab 4471", address="Chicago, IL", number="88213", date="Oct 29 23:12", tax=7,
    words=("Trip", "Total", "incl. tax", "Have a good night"), currency="USD",
    items=(("Fare 8.4 mi", 2675), ("Airport fee", 500), ("Tip", 535)),
)  # fmt: skip
GROCER = Receipt(
    shop="Mercado do Sol", address="Rua das Flores 210, Porto", number="5520-7",
    date="01/11 10:31", tax=6, words=("Fatura", "Total", "IVA incl.", "Obrigado, volte sempre"),
    items=(("Azeite 0,75 l", 899), ("Broa de milho", 260), ("Queijo da ilha", 745),
           ("Laranjas 2 kg", 318), ("Bacalhau 800 g", 1420), ("Vinho verde", 549)),
)  # fmt: skip

STEPS = (
    ("Ordered", "2 Nov"), ("Packed", "3 Nov"), ("Shipped", "3 Nov"), ("At depot", "5 Nov"),
    ("Delivered", "expected 6 Nov"),
)  # fmt: skip


def drawings() -> dict[str, tuple[Canvas, str]]:
    """Every picture by name, with the format it is sent in."""
    return _charts() | _papers()


def _charts() -> dict[str, tuple[Canvas, str]]:
    return {
        "orders": (bars("Orders per weekday", "Week 43", ORDERS, accent="Sat"), "PNG"),
        "orders_before": (bars("Orders per weekday", "Week 42", ORDERS_BEFORE), "PNG"),
        "reasons": (ranking("Why parcels come back", "Returns in October", REASONS), "PNG"),
        "refunds": (
            lines("Refunds paid per day", "In euros, 5 to 18 October", ["Refunds"], [REFUNDS]),
            "PNG",
        ),
        "replies": (
            lines(
                "Median time to first reply", "In minutes, first half of the year",
                ["Phone", "Assistant"], [REPLY_OLD, REPLY_NEW],
            ),
            "PNG",
        ),
        "quarters": (
            pairs("Revenue by quarter", "In thousand euros", ("Last year", "This year"), QUARTERS),
            "WEBP",
        ),
        "topics": (ring("What customers write about", "October", TOPICS), "PNG"),
        "late": (
            bars("Late deliveries", "Share by carrier, October", LATE, unit=" %", accent="Parcelo"),
            "PNG",
        ),
        "claims": (ranking("Warranty claims", "By product, this year", CLAIMS), "WEBP"),
        "stock": (
            lines(
                "Stock of raised beds", "Pieces at the end of each week", ["Stock"], [STOCK],
                threshold=("Reorder at 300", 300),
            ),
            "PNG",
        ),
        "visits": (lines("Visits by hour", "An ordinary Tuesday", ["Visits"], [VISITS]), "PNG"),
    }  # fmt: skip


def _papers() -> dict[str, tuple[Canvas, str]]:
    return {
        "cafe": (receipt(CAFE), "JPEG"),
        "hardware": (receipt(HARDWARE), "JPEG"),
        "librairie": (receipt(LIBRAIRIE), "JPEG"),
        "taxi": (receipt(TAXI), "PNG"),
        "grocer": (receipt(GROCER), "WEBP"),
        "parcel_lyon": (
            parcel(
                carrier="NordPost", tracking="NP 4410 7733 9082", weight="3.4 kg",
                to=("C. Moreau", "17 rue de la Barre", "69002 Lyon", "France"), service="STANDARD",
            ),
            "JPEG",
        ),
        "parcel_leeds": (
            parcel(
                carrier="SwiftVan", tracking="SV 0087 2214 5560", weight="11.8 kg",
                to=("T. Okafor", "Flat 3, 9 Mill Lane", "Leeds LS2 7EW", "United Kingdom"),
                service="EXPRESS",
            ),
            "JPEG",
        ),
        "payment_error": (
            dialog(
                page="shop.example/checkout/payment", title="Payment was not taken",
                rows=("Your bank declined the 3-D Secure check.", "You have not been charged."),
                code="Error PAY-3DS-07  ·  order FF-48213", button="Try again",
            ),
            "PNG",
        ),
        "login_error": (
            dialog(
                page="shop.example/account/login", title="Account locked",
                rows=("Too many wrong passwords (5 of 5).", "Try again in 30 minutes."),
                code="Error AUTH-LOCK  ·  unlocks at 15:40", button="Reset password",
            ),
            "PNG",
        ),
        "order_status": (
            order_page(
                order="FF-51907", steps=STEPS, done=3,
                rows=(
                    ("Raised bed, larch, 120 cm", "2 pieces"), ("Carrier", "NordPost"),
                    ("Paid with", "Card ending 4471"), ("Total", "238.00 EUR"),
                ),
            ),
            "PNG",
        ),
    }  # fmt: skip
