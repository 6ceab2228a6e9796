"""What German-speaking customers ask, and what they are told."""

from .compose import Case, Tongue

_RETURN = (
    Case(
        asks=(
            "‹Ich möchte|Wie kann ich› {item} aus Bestellung {order} ‹zurückschicken|zurückgeben›."
            " ‹Wie gehe ich vor?|Was muss ich tun?› ‹Passt leider nicht.|Gefällt mir doch nicht.|›",
            "{item} kam am {date} ‹mit einem Kratzer|in der falschen Farbe› an. ‹Kann ich das noch"
            " zurückgeben?|Bin ich noch in der Frist?›",
        ),
        answers=(
            "‹Gerne.|Kein Problem.› Sie haben nach der Lieferung **30 Tage** Zeit, also bis zum"
            " **{deadline}**:\n\n1. *Bestellungen → {order} → Zurücksenden* öffnen,\n2. Grund"
            " wählen, ‹Etikett drucken|QR-Code im Paketshop zeigen›,\n3. Paket bei {carrier}"
            " abgeben.\n\nDer Versand ist kostenlos.",
            "‹Ja, das geht.|Ja, natürlich.› Ihre Frist läuft bis zum **{deadline}**. Das Etikett"
            " ‹liegt in Ihrem Konto|ist per E-Mail unterwegs›.",
        ),
        then=(
            ("‹Brauche ich den Originalkarton?|Geht das auch ohne Karton?›",
             "Nein, jeder feste Karton genügt."),
            ("‹Danke!|Super, vielen Dank.›", "‹Gern geschehen!|Sehr gerne.› Einen schönen Tag"
             " noch."),
        ),
    ),
)  # fmt: skip

_REFUND = (
    Case(
        asks=(
            "‹Wo bleibt meine Erstattung|Wann bekomme ich mein Geld zurück› für {order}? ‹Das Paket"
            " ist seit {date} bei Ihnen.|Laut Sendungsverfolgung kam es am {date} an.›",
            "Wann bekomme ich mein Geld zurück?",
        ),
        answers=(
            "Ihr Paket ist am {date} eingetroffen. Wir erstatten **innerhalb von 14 Tagen**, also"
            " spätestens am **{refund_by}**, ‹auf dem Zahlungsweg Ihrer Bestellung|auf Ihre"
            " Karte›.",
            "Die Erstattung über **{total}** ist ‹freigegeben|unterwegs›; je nach Bank dauert die"
            " Buchung 2 bis 3 Werktage.",
        ),
        wrong=(
            ("Die Erstattung dauert bis zu **60 Tage**. Bitte sehen Sie von Rückfragen ab.",
             "wrong_information", "In Ihren AGB stehen 14 Tage."),
        ),
    ),
    Case(
        asks=(
            "Ich habe {quantity} Stück zu je {price} zurückgeschickt, Versand war {shipping}. Wie"
            " viel bekomme ich ‹zurück|erstattet›?",
        ),
        answers=(
            "So setzt es sich zusammen:\n\n| Posten | Betrag |\n|---|---:|\n| {quantity} × {price}"
            " | {goods} |\n| Versand | {shipping} |\n| **Summe** | **{total}** |",
        ),
        wrong=(
            ("Sie erhalten {wrong_total}. Versandkosten erstatten wir grundsätzlich nicht.",
             "wrong_amount", "Falsch gerechnet: {goods} plus {shipping} sind {total}."),
        ),
    ),
)  # fmt: skip

_SHIPPING = (
    Case(
        asks=(
            "‹Wo ist|Wo bleibt› ‹mein Paket|meine Bestellung› {order}? ‹Seit {date} tut sich in der"
            " Sendungsverfolgung nichts.|Es sollte am {date} da sein.›",
            "{carrier} schreibt „zugestellt“, hier ist aber nichts. Bestellung {order}.",
        ),
        answers=(
            "Das tut mir leid. Bestellung **{order}** wurde am {date} an {carrier} übergeben"
            " (`{tracking}`). Ist bis {refund_by} nichts da, ‹schicken wir {item} noch einmal|geht"
            " kostenlos Ersatz an Sie raus›.",
            "Ich habe nachgesehen: Das Paket liegt ‹im Depot|im Paketshop› in Ihrer Nähe"
            " (`{tracking}`). Sonst eröffne ich gern eine Nachforschung.",
        ),
        then=(
            ("Ja, bitte nachforschen.",
             "Erledigt: Nachforschung **Q-{inquiry}**. {carrier} antwortet in 3 Werktagen."),
        ),
    ),
)  # fmt: skip

_INVOICE = (
    Case(
        asks=(
            "Ich brauche ‹eine Rechnung|die Rechnung als PDF› zu {order} ‹mit Firmenadresse|mit"
            " ausgewiesener Mehrwertsteuer›.",
        ),
        answers=(
            "‹Gerne|Selbstverständlich›: Rechnung **{invoice}** über {total} finden Sie unter"
            " *Bestellungen → {order} → Rechnung*. Für eine Firmenadresse nennen Sie mir bitte"
            " Firma, USt-IdNr. und Anschrift.",
        ),
    ),
)  # fmt: skip

_WARRANTY = (
    Case(
        asks=(
            "{item} ‹ist nach vier Monaten defekt|geht nicht mehr an|klappert›. ‹Garantiefall?|Was"
            " nun?› Bestellung {order}.",
        ),
        answers=(
            "Das ist durch die **2 Jahre Garantie** gedeckt. Sie haben die Wahl: *Reparatur* (8–12"
            " Tage) oder *Austausch* (3–5 Tage), beides kostenlos. Was ist Ihnen lieber?",
        ),
        then=(("‹Austausch bitte.|Bitte austauschen.›",
               "Ist veranlasst, das neue Gerät geht morgen raus."),),
    ),
)  # fmt: skip

_ACCOUNT = (
    Case(
        asks=(
            "‹Ich komme nicht mehr in mein Konto.|Die Mail zum Zurücksetzen kommt nicht an.›",
            "Wie ‹lösche ich mein Konto|ändere ich meine E-Mail-Adresse›?",
        ),
        answers=(
            "Unter *Anmelden → Passwort vergessen* bekommen Sie einen Link, der **30 Minuten**"
            " gilt. Alles Weitere steht unter *Konto → Einstellungen*.",
        ),
    ),
)  # fmt: skip

GERMAN = Tongue(
    code="de",
    opening="‹Hallo,|Guten Tag,|Moin,|Grüezi,|›",
    closing="‹|Danke|Vielen Dank im Voraus.|Grüße, {name}|Mit freundlichen Grüßen, {name}›",
    items=(
        "das Hochbeet", "die Schreibtischlampe Arc", "die Gartenschere", "die Gartenbank",
        "das Grillbesteck", "die Hängematte", "die Regentonne", "das Vogelhaus",
    ),
    money="{} €",
    date="{day}. {month}",
    months=(
        "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September",
        "Oktober", "November", "Dezember",
    ),
    names=("Jonas", "Miriam", "Uwe", "Aylin", "Katrin", "Lukas", "Annika"),
    topics={
        "return": _RETURN, "refund": _REFUND, "shipping": _SHIPPING, "invoice": _INVOICE,
        "warranty": _WARRANTY, "account": _ACCOUNT,
    },
    evasive=(
        "Dabei kann ich Ihnen leider nicht helfen. Bitte besuchen Sie unsere Hilfeseiten.",
        "Vielen Dank für Ihre Nachricht! Wir freuen uns über Ihr Interesse.",
    ),
    complaints=(
        ("unhelpful", "Das war nicht meine Frage."),
        ("not_resolved", "Musste am Ende doch anrufen."),
    ),
    praise=("Schnell und klar.", "Genau die Antwort, die ich brauchte.", "Sehr freundlich."),
)  # fmt: skip
