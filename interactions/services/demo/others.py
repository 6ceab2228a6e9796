"""What customers ask in Spanish, Japanese and Portuguese."""

from .compose import Case, Tongue

SPANISH = Tongue(
    code="es",
    opening="‹Hola,|Buenos días,|Buenas,|›",
    closing="‹|Gracias.|¡Gracias de antemano!|Un saludo, {name}›",
    items=("el bancal", "la lámpara Arc", "la hamaca", "la barbacoa Duo", "el comedero"),
    money="{} €",
    date="{day} de {month}",
    months=(
        "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre",
        "octubre", "noviembre", "diciembre",
    ),
    names=("Lucía", "Javier", "Carmen", "Mateo", "Nerea"),
    topics={
        "return": (
            Case(
                asks=(
                    "‹Quiero devolver|¿Cómo devuelvo› {item} del pedido {order}‹, no me convence|,"
                    " llegó rayado|›. ‹¿Qué tengo que hacer?|¿Estoy a tiempo?›",
                ),
                answers=(
                    "‹Claro.|Por supuesto.› Tiene **30 días** desde la entrega, hasta el"
                    " **{deadline}**. Abra *Pedidos → {order} → Devolver*, elija el motivo y deje"
                    " el paquete en ‹un punto de recogida|una oficina de {carrier}›. La etiqueta es"
                    " gratuita.",
                ),
                then=(("¿Y sin la caja original?", "Sin problema, vale cualquier caja"
                       " resistente."),),
            ),
        ),
        "refund": (
            Case(
                asks=(
                    "‹¿Cuándo me devuelven el dinero|¿Dónde está mi reembolso› del pedido {order}?"
                    " Recibieron el paquete el {date}.",
                    "Devolví {quantity} artículos de {price} y pagué {shipping} de envío. ¿Cuánto y"
                    " cuándo me reembolsan?",
                ),
                answers=(
                    "El paquete llegó el {date}. Le abonamos **{total}** ({goods} de los artículos"
                    " y {shipping} del envío) en un plazo de **14 días**, como tarde el"
                    " **{refund_by}**.",
                ),
                wrong=(
                    ("Le corresponden {wrong_total}. El envío no se reembolsa.", "wrong_amount",
                     "La cuenta está mal: {goods} más {shipping} son {total}."),
                ),
            ),
        ),
        "shipping": (
            Case(
                asks=(
                    "‹¿Dónde está mi pedido|¿Qué pasa con el pedido› {order}? El seguimiento no"
                    " cambia desde el {date}.",
                    "¿Dónde está mi pedido?",
                ),
                answers=(
                    "Lo entregamos a {carrier} el {date} (`{tracking}`). ‹Está en reparto|Está en"
                    " la delegación de su zona›. Si no llega antes del {refund_by}, le enviamos"
                    " otro.",
                ),
            ),
        ),
        "invoice": (
            Case(
                asks=("Necesito la factura del pedido {order} ‹a nombre de mi empresa|con el"
                      " IVA›.",),
                answers=(
                    "La factura **{invoice}** ({total}) está en *Pedidos → {order} → Factura*. Para"
                    " cambiarla necesito el NIF y la dirección fiscal.",
                ),
            ),
        ),
    },
    evasive=("Lo siento, no puedo ayudarle con eso. Consulte nuestra página de ayuda.",),
    complaints=(("unhelpful", "No responde a lo que pregunto."),),
    praise=("Rápido y claro.", "Perfecto, gracias."),
)  # fmt: skip

JAPANESE = Tongue(
    code="ja",
    opening="‹こんにちは。|お世話になっております。|はじめまして。|›",
    closing="‹|よろしくお願いします。|ご確認をお願いいたします。|急いでいます。›",
    items=("プランター", "デスクランプArc", "ガーデンベンチ", "ハンモック", "電気ケトル"),
    money="€{}",
    date="{month}月{day}日",
    names=("佐藤", "鈴木", "高橋"),
    topics={
        "return": (
            Case(
                asks=(
                    "注文{order}の{item}を返品したいです。‹サイズが合いませんでした。|色が違いまし"
                    "た。|›‹手順を教えてください。|まだ間に合いますか？›",
                ),
                answers=(
                    "‹承知いたしました。|はい、可能です。›お届けから**30日以内**、**{deadline}**ま"
                    "で返品いただけます。\n\n1. 「注文履歴」から{order}を開く\n2. 返品理由を選び、"
                    "ラベルを印刷する\n3. {carrier}に荷物を預ける\n\n送料は当店が負担いたします。",
                ),
                then=(("元の箱がありません。", "丈夫な箱であれば問題ございません。"),),
            ),
        ),
        "refund": (
            Case(
                asks=(
                    "注文{order}の返金は‹いつになりますか？|まだでしょうか？›{date}に届いているはず"
                    "です。",
                    "返金はいつになりますか？",
                ),
                answers=(
                    "お荷物は{date}に到着しております。返金は**14日以内**、遅くとも"
                    "**{refund_by}**までに{total}をお支払い方法へお戻しいたします。",
                ),
                wrong=(
                    ("返金には**60日**かかります。", "wrong_information",
                     "規約には14日以内と書いてあります。"),
                ),
            ),
        ),
        "shipping": (
            Case(
                asks=(
                    "注文{order}が‹まだ届きません。|{date}から動いていません。›追跡番号を教えてくだ"
                    "さい。",
                ),
                answers=(
                    "ご迷惑をおかけして申し訳ございません。{date}に{carrier}へ引き渡し済みで、追跡"
                    "番号は`{tracking}`です。‹明日|2日以内に›お届けの予定です。",
                ),
            ),
        ),
        "warranty": (
            Case(
                asks=("{item}が‹半年で動かなくなりました。|異音がします。›保証の対象ですか？",),
                answers=(
                    "はい、**2年保証**の対象です。修理（8〜12日）と交換（3〜5日）のどちらも無料です"
                    "。ご希望をお知らせください。",
                ),
            ),
        ),
    },
    evasive=("申し訳ございませんが、お答えできません。ヘルプページをご覧ください。",),
    complaints=(("unhelpful", "質問の答えになっていません。"),),
    praise=("とても早くて助かりました。", "丁寧な説明でした。"),
)  # fmt: skip

PORTUGUESE = Tongue(
    code="pt",
    opening="‹Olá,|Bom dia,|Boa tarde,|›",
    closing="‹|Obrigado.|Obrigada!|Com os melhores cumprimentos, {name}›",
    items=("o canteiro", "o candeeiro Arc", "a rede", "o banco de jardim", "a chaleira Classic"),
    money="{} €",
    date="{day} de {month}",
    months=(
        "janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto", "setembro",
        "outubro", "novembro", "dezembro",
    ),
    names=("Inês", "Tiago", "Beatriz", "Rui"),
    topics={
        "return": (
            Case(
                asks=("‹Quero|Gostaria de› devolver {item} da encomenda {order}. Como faço?",),
                answers=(
                    "‹Claro!|Com certeza.› Tem **30 dias** após a entrega, até **{deadline}**. Em"
                    " *Encomendas → {order} → Devolver* escolha o motivo e imprima a etiqueta, que"
                    " é gratuita.",
                ),
            ),
        ),
        "refund": (
            Case(
                asks=(
                    "‹Quando recebo|Onde está› o reembolso da encomenda {order}? Foi entregue no"
                    " vosso armazém a {date}.",
                ),
                answers=(
                    "A devolução chegou a {date}. O reembolso de **{total}** é pago em **14 dias**,"
                    " o mais tardar a **{refund_by}**.",
                ),
                wrong=(
                    ("O reembolso demora **60 dias**.", "wrong_information",
                     "As condições dizem 14 dias."),
                ),
            ),
        ),
        "shipping": (
            Case(
                asks=("‹Onde está|Ainda não recebi› a encomenda {order}‹?|, deveria ter chegado a"
                      " {date}.›",),
                answers=(
                    "Foi entregue à {carrier} a {date} (`{tracking}`) e deve chegar ‹amanhã|em 2"
                    " dias úteis›. Lamento a demora.",
                ),
            ),
        ),
    },
    evasive=("Lamento, não consigo ajudar. Consulte a página de ajuda.",),
    complaints=(("unhelpful", "Não respondeu à pergunta."),),
    praise=("Rápido e claro.",),
)  # fmt: skip
