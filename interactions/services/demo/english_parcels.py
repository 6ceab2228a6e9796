"""What English-speaking customers ask about parcels: those that go out, and come back."""

from .compose import Case

RETURN = (
    Case(
        asks=(
            "‹How do I return|I want to send back|I'd like to return› ‹the|my› {item} from order"
            " {order}‹, it's ‹too small|not what I expected|the wrong colour›||. I ‹ordered two by"
            " mistake|changed my mind››. ‹What do I have to do?|How does that work?|Do I need a"
            " label?›",
            "{item} ‹doesn't fit|isn't what the photos showed|has a scratch on the side›. ‹Can I"
            " still send it back|Is it too late to return it›? ‹It arrived on {date}|I got it on"
            " {date}|Delivered {date}›, order {order}.",
            "I bought a {item} as a gift and they already have one. Can *they* return it without my"
            " account? Order {order}.",
        ),
        answers=(
            "‹Of course|No problem|Happy to help with that›. You can return the {item} within **30"
            " days** of delivery, so until **{deadline}**.\n\n1. Open *Orders → {order} → Return"
            " items*.\n2. Choose the reason and ‹print the label|show the QR code at a drop-off"
            " point›.\n3. Pack the item ‹so that it cannot move|in any sturdy box› and hand it to"
            " {carrier}.\n\n‹We refund you within 14 days of receiving it.|The refund follows"
            " within 14 days after it reaches us.›",
            "I've ‹prepared|created› a return for order **{order}**:\n\n| Item | Quantity | Refund"
            " |\n|---|---:|---:|\n| {item} | 1 | {price} |\n\nThe label is ‹on its way to your"
            " inbox|in your account under *Returns*›. Please hand the parcel in by {deadline}.",
        ),
        then=(
            ("‹And who pays for the label?|Is the return free?›",
             "The label is free for you: it is ‹paid by us|already paid›, within the EU and the"
             " UK."),
            ("‹Can I swap it for another size instead?|Could I exchange it?›",
             "‹Yes.|Certainly.› Choose *Exchange* instead of *Refund* in step 2; we send the new"
             " one as soon as {carrier} scans your parcel."),
            ("The QR code doesn't open.",
             "Sorry about that. ‹I have sent it again|Here is the number instead›: **{tracking}**."
             " The drop-off point can type it in."),
        ),
    ),
    Case(
        asks=(
            "Can I return something without the original box?",
        ),
        answers=(
            "‹Yes, you can.|Yes, that's possible.› The original box is not needed: any sturdy box"
            " will do, as long as the {item} is ‹complete|unused and complete›. Your return window"
            " is open until **{deadline}**. ‹The label is free.|Return labels are free within the"
            " EU.›",
        ),
        then=(
            ("‹And who pays for the label?|Is the return free?›",
             "The label is free for you: it is ‹paid by us|already paid›, within the EU and the"
             " UK."),
        ),
    ),
)  # fmt: skip

REFUND = (
    Case(
        asks=(
            "‹Where is my refund|When do I get my money back|I'm still waiting for my refund› for"
            " order {order}? ‹You received the parcel on {date}.|Tracking says you got it on"
            " {date}.›",
            "Where is my refund?",
        ),
        answers=(
            "‹Thanks for your patience.|I've checked order {order}.› Your parcel reached us on"
            " {date}; refunds are paid **within 14 days** of that, so by **{refund_by}** at the"
            " latest. ‹It goes back to the card you paid with.|You'll see it on the card you used,"
            " as *FERN FINCH*.›",
            "‹I understand, that's annoying to wait for.|Let me look into that.› The refund of"
            " **{total}** for {order} was approved on {date}. ‹Banks usually need 2–3 working days|"
            "Depending on your bank it shows after 2–3 working days›.",
        ),
        wrong=(
            ("Refunds take up to **60 days**. Please wait until then before you contact us again.",
             "wrong_information",
             "Your terms say 14 days, not 60."),
        ),
        then=(
            ("‹My card expired, what now?|I cancelled that card.›",
             "The bank usually forwards it to your new card. If it comes back to us, we ‹pay it to"
             " your account by transfer|will ask you for an IBAN›, never by e-mail."),
            ("‹Can I have store credit instead?|A voucher is fine too.›",
             "‹Sure|Gladly›: I can turn {total} into a voucher, valid for 3 years. Reply *voucher*"
             " to confirm."),
        ),
    ),
    Case(
        asks=(
            "I returned {quantity} × {item} at {price} each, ‹shipping was {shipping}|and I paid"
            " {shipping} shipping›. ‹How much do I get back?|What will be refunded?›",
        ),
        answers=(
            "Here is how it adds up:\n\n- {quantity} × {item} at {price}: **{goods}**\n- shipping"
            " (full order returned): **{shipping}**\n- **Total refund: {total}**\n\n‹You will have"
            " it by {refund_by}.|Expect it within 14 days of arrival, by {refund_by}.›",
        ),
        wrong=(
            ("You will get {wrong_total} for {quantity} × {item}. Shipping is never refunded.",
             "wrong_amount",
             "I can count. {quantity} times {price} is {goods}."),
        ),
        then=(
            ("‹Can I have store credit instead?|A voucher is fine too.›",
             "‹Sure|Gladly›: I can turn {total} into a voucher, valid for 3 years. Reply *voucher*"
             " to confirm."),
        ),
    ),
    Case(
        asks=(
            "The refund for {order} is ‹too low|not what I expected›: I only got {price} ‹but I"
            " paid {total}|instead of {total}›. ‹Why?|Can you check?›",
        ),
        answers=(
            "‹You're right, and I'm sorry.|Thank you for checking, you are right.› Only one of your"
            " parcels had been counted. What is due:\n\n- {quantity} × {item}: **{goods}**\n-"
            " shipping: **{shipping}**\n- **Total: {total}**\n\nThe rest is paid by {refund_by}.",
        ),
        wrong=(
            ("You will get {wrong_total} for {quantity} × {item}. Shipping is never refunded.",
             "wrong_amount",
             "I can count. {quantity} times {price} is {goods}."),
        ),
    ),
)  # fmt: skip

SHIPPING = (
    Case(
        asks=(
            "‹Where is|What happened to|Any news on› ‹my order|my parcel|order› {order}? ‹It should"
            " have been here on {date}.|The tracking hasn't moved since {date}.|›",
            "Where is my order?",
        ),
        answers=(
            "Your order **{order}** ‹left our warehouse on {date}|was handed to {carrier} on"
            " {date}›. Tracking number: `{tracking}`.\n\n‹It is now at the depot nearest to you|It"
            " is in transit between two depots› and should arrive ‹tomorrow|within 2 working"
            " days|by {refund_by}›.",
            "I'm sorry about the wait. {carrier} has ‹a backlog|a strike at one depot|snow on the"
            " route›, so parcels of {date} are 1–2 days late. If nothing has arrived by"
            " {refund_by}, ‹I'll send the {item} again|we replace it› at no cost.",
        ),
        wrong=(
            ("Your order {order} was delivered on {date}. There is nothing more I can do.",
             "not_resolved",
             "Still no parcel, and now I have to call anyway."),
            ("I cannot see orders. Please look at our website.",
             "unhelpful",
             "It just repeats what the tracking page says."),
        ),
        then=(
            ("‹Can you send it to a pickup point?|I'm away next week.›",
             "‹Yes|Done›: it will wait for you at the pickup point for **10 days**. Bring an ID."),
            ("‹ok thanks|Great, thank you!|thx›",
             "‹You're welcome!|My pleasure.› Have a ‹lovely|nice› ‹day|evening›."),
        ),
    ),
    Case(
        asks=(
            "‹Do you ship|How much is shipping|How long does delivery take› to"
            " ‹Norway|Ireland|Malta|Switzerland|the Canary Islands›?",
        ),
        answers=(
            "‹We deliver there.|We ship there, yes.› Standard delivery takes **3–6 working days**"
            " and costs {shipping}; orders above €80 ship free. Customs fees, where there are any,"
            " are ‹shown at the checkout|already included›.",
        ),
        then=(
            ("‹ok thanks|Great, thank you!|thx›",
             "‹You're welcome!|My pleasure.› Have a ‹lovely|nice› ‹day|evening›."),
        ),
    ),
    Case(
        asks=(
            "‹{carrier} says delivered but there's nothing here.|Tracking says delivered, but I"
            " have no parcel.› Order {order}, {item}.",
        ),
        answers=(
            "‹That's frustrating|I'm sorry, that's not right›. Please check first:\n\n- ‹a"
            " neighbour|your reception desk›\n- a card from {carrier} in the letterbox\n- the"
            " delivery photo under `{tracking}`\n\nIf it isn't there, tell me and I'll open an"
            " inquiry ‹today|right away›.",
        ),
        wrong=(
            ("Your order {order} was delivered on {date}. There is nothing more I can do.",
             "not_resolved",
             "Still no parcel, and now I have to call anyway."),
        ),
        then=(
            ("‹Nothing with the neighbours.|No card, no photo.›",
             "Thank you for looking. I've opened inquiry **Q-{inquiry}** with {carrier}; they"
             " answer within 3 working days. ‹You don't need to do anything.|I'll write as soon as"
             " I know.›"),
        ),
    ),
    Case(
        asks=(
            "‹Can I still change the address|I gave the wrong house number› for {order}?",
        ),
        answers=(
            "‹You're in time|Yes, just in time›: {order} is packed but not handed over. Please send"
            " me the ‹full|complete› address with postcode within the next hour.",
            "{order} is already with {carrier}, so I can't change it. You can redirect it yourself:"
            " open `{tracking}` and choose *Deliver elsewhere*; ‹that's free|it costs nothing›.",
        ),
    ),
)  # fmt: skip
