"""What English-speaking customers ask, and what they are told."""

from .compose import Case, Tongue
from .english_parcels import REFUND, RETURN, SHIPPING

_INVOICE = (
    Case(
        asks=(
            "I need ‹an invoice|a proper VAT invoice|a copy of the invoice› for {order}‹, my"
            " accountant is asking||, the one in the mail was empty›.",
        ),
        answers=(
            "‹Here you go|Sure›: invoice **{invoice}** for order {order}, {total} including VAT."
            " You find the PDF under *Orders → {order} → Invoice*.",
        ),
        then=(
            ("‹Perfect, and the one from last year?|And all of this year's?›",
             "All invoices of the last 10 years are under *Account → Invoices*; ‹*Download all*"
             " makes a ZIP|tick those you need and choose *Download*›."),
        ),
    ),
    Case(
        asks=(
            "‹Can you put our company name|Please add our VAT number› on the invoice for {order}?",
        ),
        answers=(
            "‹I can do that.|Happily.› Please send me\n\n- the company name,\n- the VAT number,\n-"
            " the billing address,\n\nand I'll ‹reissue|correct› **{invoice}**. The old one is"
            " cancelled by a credit note, so your books stay straight.",
        ),
    ),
    Case(
        asks=(
            "Why is the VAT on {invoice} 21 % and not ‹20 %|0 %›?",
        ),
        answers=(
            "We charge the VAT of the country the parcel goes to. For {invoice} that is the"
            " Netherlands (21 %): {goods} net of shipping, {total} in all.",
        ),
    ),
    Case(
        asks=(
            "How do I download an invoice?",
        ),
        answers=(
            "‹Here you go|Sure›: invoice **{invoice}** for order {order}, {total} including VAT."
            " You find the PDF under *Orders → {order} → Invoice*.",
        ),
        then=(
            ("‹Perfect, and the one from last year?|And all of this year's?›",
             "All invoices of the last 10 years are under *Account → Invoices*; ‹*Download all*"
             " makes a ZIP|tick those you need and choose *Download*›."),
        ),
    ),
)  # fmt: skip

_WARRANTY = (
    Case(
        asks=(
            "‹The|My› {item} ‹stopped working|makes a rattling noise|won't switch on any more›"
            " after ‹three months|half a year|14 months›. ‹Is that covered?|Is there a warranty?›"
            " Order {order}.",
        ),
        answers=(
            "That ‹shouldn't happen|isn't how it should be›, and yes: it is covered. The {item} has"
            " a **2-year warranty**, yours runs until ‹next year|{date} of next year›. You can"
            " choose:\n\n| | Repair | Replacement |\n|---|---|---|\n| Takes | 8–12 days | 3–5 days"
            " |\n| Costs you | nothing | nothing |\n\nWhich one would you like?",
        ),
        then=(
            ("‹Replacement please.|I'd take the replacement.›",
             "Done. The new {item} leaves tomorrow; a label for the old one is in the box."
             " ‹You have 14 days to send it.|No hurry with that.›"),
        ),
    ),
    Case(
        asks=(
            "How long is the warranty on the {item}, and what does it cover?",
        ),
        answers=(
            "The warranty lasts **2 years** from delivery and covers faults of material and making."
            " It doesn't cover ‹drops, water in the motor|wear parts such as blades and filters› or"
            " repairs by others.",
        ),
    ),
    Case(
        asks=(
            "The {item} ‹broke|cracked› at the hinge. ‹Can I get just the part?|Do you sell spare"
            " parts?›",
        ),
        answers=(
            "‹Good news|Yes›: the part is in stock ({shipping}, free under warranty). Please send a"
            " photo of ‹the type plate|the broken part› so that I send the right one.",
        ),
        then=(
            ("‹Replacement please.|I'd take the replacement.›",
             "Done. The new {item} leaves tomorrow; a label for the old one is in the box."
             " ‹You have 14 days to send it.|No hurry with that.›"),
        ),
    ),
)  # fmt: skip

_ACCOUNT = (
    Case(
        asks=(
            "‹I can't log in|The password reset mail never arrives|It says my account is locked›.",
        ),
        answers=(
            "‹Let's get you back in.|Sorry about that.› Please\n\n1. open *Log in → Forgotten*,\n2."
            " enter the address you order with,\n3. look into the spam folder: the mail comes from"
            " `account@shop.example`.\n\nThe link works for **30 minutes**.",
        ),
        then=(
            ("‹That worked!|I'm in, thanks.›",
             "‹Glad to hear it.|Wonderful.› ‹Consider switching on two-step login.|Is there"
             " anything else?›"),
        ),
    ),
    Case(
        asks=(
            "How do I ‹delete my account|change my e-mail address|switch off the newsletter›?",
        ),
        answers=(
            "You can do that under *Account → ‹Settings|Privacy›*. ‹It takes effect at once.|We"
            " confirm it by e-mail.› Invoices are kept for 10 years, as the law asks.",
        ),
    ),
    Case(
        asks=(
            "‹Someone ordered a {item} with my account!|There's an order {order} I never made.›",
        ),
        answers=(
            "I've ‹locked the account|stopped order {order}› to be safe. Please set a new password"
            " and check the saved addresses; **we will never ask for your password** in a chat.",
        ),
    ),
    Case(
        asks=(
            "I pasted this into my profile and now the page looks odd:"
            " `<b>Hi</b><script>alert('hello')</script>` ‹can you reset it?|what happened?›",
        ),
        answers=(
            "You can do that under *Account → ‹Settings|Privacy›*. ‹It takes effect at once.|We"
            " confirm it by e-mail.› Invoices are kept for 10 years, as the law asks.",
        ),
    ),
)  # fmt: skip

ENGLISH = Tongue(
    code="en",
    opening="‹Hi,|Hi there,|Hello,|Hello!|Hey,|Hey there!|Good morning,|›",
    closing="‹|Thanks|Thank you!|Cheers, {name}|Best, {name}|Please hurry.›",
    items=(
        "raised bed", "robot mower R2", "desk lamp Arc", "Kettle Classic", "garden bench",
        "hose reel", "Grill Duo", "plant shelf", "bird feeder", "toolbox", "hammock",
        "compost bin",
    ),
    money="€{}",
    date="{day} {month}",
    months=("Jan", "Feb", "Mar", "Apr", "May", "June", "July", "Aug", "Sep", "Oct", "Nov", "Dec"),
    names=("Emma", "Tom", "Priya", "Callum", "Niamh", "Oliver", "Zoe", "Marek", "Grace", "Theo"),
    topics={
        "return": RETURN, "refund": REFUND, "shipping": SHIPPING, "invoice": _INVOICE,
        "warranty": _WARRANTY, "account": _ACCOUNT,
    },
    evasive=(
        "I'm sorry, I'm not able to help with that. Please visit our help pages.",
        "As an assistant I do not have access to this information.",
        "Thank you for your message! We value your feedback. Is there anything else I can do?",
    ),
    complaints=(
        ("unhelpful", "That did not answer my question."),
        ("unhelpful", "Copy and paste from the FAQ."),
        ("unhelpful", "Three sentences, no information."),
        ("not_resolved", "Had to phone in the end."),
    ),
    praise=("Quick and clear.", "Exactly what I needed.", "Very friendly!", "Solved in a minute."),
)  # fmt: skip
