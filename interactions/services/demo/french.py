"""What French-speaking customers ask; the wrong answers on refunds are the story of version 7."""

from .compose import Case, Tongue

_RETURN = (
    Case(
        asks=(
            "‹Je voudrais renvoyer|Comment retourner|Je souhaite retourner› {item} de la commande"
            " {order}‹, la taille ne va pas||, j'ai changé d'avis›. ‹Comment faire ?|Que dois-je"
            " faire ?›",
            "Reçu le {date}, {item} ‹ne me convient pas|est rayé|ne ressemble pas à la photo›."
            " ‹Est-il encore temps de le renvoyer ?|Puis-je encore le retourner ?› Commande"
            " {order}.",
        ),
        answers=(
            "‹Bien sûr.|Avec plaisir.› Vous avez **30 jours** après la livraison, donc jusqu'au"
            " **{deadline}**.\n\n1. Ouvrez *Commandes → {order} → Retour*.\n2. Choisissez le motif"
            " et ‹imprimez l'étiquette|affichez le QR code en point relais›.\n3. Déposez le colis"
            " chez {carrier}.\n\nL'étiquette est gratuite.",
        ),
        then=(
            ("‹Et les frais de retour ?|Qui paie le retour ?›",
             "Ils sont à notre charge ‹dans toute l'Union européenne|en France et en Belgique›."),
            ("‹Merci beaucoup !|Parfait, merci.›",
             "‹Avec plaisir !|Je vous en prie.› Bonne journée."),
        ),
    ),
    Case(
        asks=(
            "Puis-je renvoyer un article sans l'emballage d'origine ?",
        ),
        answers=(
            "Oui, ‹c'est possible|sans problème› : n'importe quel carton solide convient, pourvu"
            " que l'article soit complet. Votre délai court jusqu'au **{deadline}**.",
        ),
        then=(
            ("‹Et les frais de retour ?|Qui paie le retour ?›",
             "Ils sont à notre charge ‹dans toute l'Union européenne|en France et en Belgique›."),
        ),
    ),
)  # fmt: skip

_REFUND = (
    Case(
        asks=(
            "‹Où en est mon remboursement|Quand serai-je ‹remboursé|remboursée›› pour {order} ?"
            " ‹Vous avez reçu le colis le {date}.|Le suivi indique une réception le {date}.›",
            "‹Toujours aucun remboursement|Je n'ai toujours rien reçu› pour {item}, {total} tout de"
            " même ! ‹C'est normal ?|Que se passe-t-il ?› Commande {order}.",
            "Où en est mon remboursement ?",
        ),
        answers=(
            "‹J'ai vérifié votre dossier.|Merci de votre patience.› Votre colis nous est parvenu le"
            " {date} ; le remboursement est versé **sous 14 jours**, donc au plus tard le"
            " **{refund_by}**, ‹sur la carte utilisée à l'achat|par le même moyen de paiement›.",
            "Le remboursement de **{total}** pour la commande {order} a été validé le {date}."
            " Comptez 2 à 3 jours ouvrés ‹selon votre banque|avant qu'il n'apparaisse sur votre"
            " relevé›.",
        ),
        wrong=(
            ("‹Bonjour,|Merci de votre message.› Le remboursement est effectué **sous 90 jours** à"
             " compter de la réception du colis. Nous vous invitons à patienter jusque-là.",
             "wrong_deadline",
             "C'est 14 jours d'après vos propres conditions, pas 90 !"),
            ("Le délai de rétractation étant de **7 jours**, votre demande du {date} est hors"
             " délai. Aucun remboursement n'est possible pour la commande {order}.",
             "wrong_deadline",
             "Faux : la loi et votre site disent autre chose."),
            ("Votre remboursement de **{wrong_total}** a déjà été versé le {date}. Si vous ne le"
             " voyez pas, adressez-vous à votre banque ‹dans un délai de 48 heures|par courrier"
             " recommandé›.",
             "wrong_information",
             "Rien n'a été versé, ma banque confirme."),
            ("‹Bonjour,|Merci de votre message.› Le remboursement est effectué **sous 90 jours** à"
             " compter de la réception du colis. Nous vous invitons à patienter jusque-là.",
             "wrong_information",
             "J'ai appelé : la conseillère m'a dit l'inverse."),
        ),
        then=(
            ("‹Vous êtes sûr ?|Êtes-vous certain de ce délai ?›",
             "‹Oui|Tout à fait› : nos conditions prévoient 14 jours après réception du retour, soit"
             " le {refund_by} au plus tard."),
            ("‹Je préfère un avoir.|Un bon d'achat est-il possible ?›",
             "C'est possible : un bon de {total}, valable 3 ans. Répondez *avoir* pour confirmer."),
        ),
    ),
    Case(
        asks=(
            "J'ai renvoyé {quantity} articles à {price} chacun, avec {shipping} de frais de port."
            " ‹Combien vais-je récupérer ?|Quel montant me sera remboursé ?›",
        ),
        answers=(
            "Voici le calcul :\n\n- {quantity} × {price} = **{goods}**\n- frais de port (commande"
            " renvoyée en entier) : **{shipping}**\n- **total remboursé : {total}**\n\nVous le"
            " recevrez au plus tard le {refund_by}.",
        ),
        wrong=(
            ("Voici le calcul :\n\n- {quantity} × {price} = **{wrong_goods}**\n- frais de port :"
             " **0,00 €**\n- **total remboursé : {wrong_total}**\n\nCe montant est définitif.",
             "wrong_amount",
             "{quantity} fois {price} font {goods}, pas ce que vous annoncez."),
            ("Nous remboursons 50 % du prix après ouverture de l'emballage, soit **{wrong_total}**."
             " Les frais de port de {shipping} restent à votre charge et seront ‹déduits|facturés"
             " en sus›.",
             "wrong_amount",
             "Et les frais de port ? J'ai tout renvoyé, on me doit {total}."),
        ),
        then=(
            ("‹Je préfère un avoir.|Un bon d'achat est-il possible ?›",
             "C'est possible : un bon de {total}, valable 3 ans. Répondez *avoir* pour confirmer."),
        ),
    ),
    Case(
        asks=(
            "‹Le remboursement de {order} est trop bas :|Il y a une erreur pour {order} :› j'ai"
            " reçu {price} au lieu de {total}. ‹Pouvez-vous vérifier ?|Pourquoi ?›",
        ),
        answers=(
            "‹Vous avez raison, toutes mes excuses.|Merci d'avoir vérifié, c'est exact.› Un seul"
            " article avait été compté. Il vous est dû :\n\n- {quantity} × {price} = **{goods}**\n-"
            " frais de port : **{shipping}**\n- **total : {total}**\n\nLe solde sera versé au plus"
            " tard le {refund_by}.",
        ),
        wrong=(
            ("Voici le calcul :\n\n- {quantity} × {price} = **{wrong_goods}**\n- frais de port :"
             " **0,00 €**\n- **total remboursé : {wrong_total}**\n\nCe montant est définitif.",
             "wrong_amount",
             "{quantity} fois {price} font {goods}, pas ce que vous annoncez."),
            ("Voici le calcul :\n\n- {quantity} × {price} = **{wrong_goods}**\n- frais de port :"
             " **0,00 €**\n- **total remboursé : {wrong_total}**\n\nCe montant est définitif.",
             "wrong_amount",
             "Et les frais de port ? J'ai tout renvoyé, on me doit {total}."),
        ),
        then=(
            ("‹Je préfère un avoir.|Un bon d'achat est-il possible ?›",
             "C'est possible : un bon de {total}, valable 3 ans. Répondez *avoir* pour confirmer."),
        ),
    ),
)  # fmt: skip

_SHIPPING = (
    Case(
        asks=(
            "‹Où est|Avez-vous des nouvelles de› ma commande {order} ? ‹Elle devait arriver le"
            " {date}.|Le suivi ne bouge plus depuis le {date}.›",
        ),
        answers=(
            "Votre commande **{order}** a été remise à {carrier} le {date}, numéro de suivi"
            " `{tracking}`. Elle devrait arriver ‹demain|sous 2 jours ouvrés›.",
            "Je suis ‹désolée|navré› pour ce retard : {carrier} ‹rattrape les colis du"
            " week-end|signale une grève dans un dépôt›. Sans nouvelle d'ici le {refund_by}, nous"
            " renvoyons {item} sans frais.",
        ),
        then=(
            ("‹Rien chez les voisins non plus.|Pas d'avis de passage.›",
             "Merci d'avoir vérifié. J'ouvre l'enquête **Q-{inquiry}** auprès de {carrier} ;"
             " réponse sous 3 jours ouvrés."),
        ),
    ),
    Case(
        asks=(
            "{carrier} indique « livré » mais je n'ai rien reçu. Commande {order}, {item}.",
        ),
        answers=(
            "Je suis ‹désolée|navré› pour ce retard : {carrier} ‹rattrape les colis du"
            " week-end|signale une grève dans un dépôt›. Sans nouvelle d'ici le {refund_by}, nous"
            " renvoyons {item} sans frais.",
        ),
        then=(
            ("‹Rien chez les voisins non plus.|Pas d'avis de passage.›",
             "Merci d'avoir vérifié. J'ouvre l'enquête **Q-{inquiry}** auprès de {carrier} ;"
             " réponse sous 3 jours ouvrés."),
        ),
    ),
    Case(
        asks=(
            "‹Livrez-vous|Quels sont les frais de port› ‹en Belgique|en Suisse|en Corse|à La"
            " Réunion› ?",
        ),
        answers=(
            "Nous y livrons en 3 à 6 jours ouvrés pour {shipping} ; la livraison est offerte dès"
            " 80 €.",
        ),
    ),
)  # fmt: skip

_INVOICE = (
    Case(
        asks=(
            "‹J'ai besoin d'une facture|Pouvez-vous m'envoyer la facture› pour {order} ‹au nom de"
            " ma société|avec la TVA› ?",
        ),
        answers=(
            "‹Volontiers.|Bien sûr.› Indiquez-moi la raison sociale, le numéro de TVA et l'adresse"
            " ; je corrige {invoice} et vous recevez un avoir pour l'ancienne.",
        ),
    ),
    Case(
        asks=(
            "Où télécharger ma facture ?",
        ),
        answers=(
            "La facture **{invoice}** ({total} TTC) se trouve sous *Commandes → {order} →"
            " Facture*.",
        ),
    ),
)  # fmt: skip

_WARRANTY = (
    Case(
        asks=(
            "{item} ‹ne fonctionne plus|fait un bruit étrange› au bout de ‹trois mois|14 mois›."
            " ‹La garantie joue-t-elle ?|Est-ce sous garantie ?› Commande {order}.",
        ),
        answers=(
            "Oui, la garantie est de **2 ans**. Vous avez le choix : ‹réparation (8 à 12 jours) ou"
            " échange (3 à 5 jours)|échange en 3 à 5 jours ou réparation en 8 à 12 jours›, sans"
            " frais. Que préférez-vous ?",
        ),
        then=(
            ("L'échange, s'il vous plaît.",
             "C'est noté : le nouvel article part demain."),
        ),
    ),
)  # fmt: skip

_ACCOUNT = (
    Case(
        asks=(
            "‹Je n'arrive plus à me connecter.|Le mail pour changer le mot de passe n'arrive pas.›",
        ),
        answers=(
            "Ouvrez *Connexion → Mot de passe oublié* et saisissez l'adresse de vos commandes. Le"
            " lien est valable **30 minutes** ; ‹pensez aux indésirables|vérifiez le dossier"
            " spam›.",
        ),
    ),
    Case(
        asks=(
            "Comment ‹supprimer mon compte|changer d'adresse e-mail|arrêter la newsletter› ?",
        ),
        answers=(
            "C'est sous *Compte → Réglages*. Les factures restent archivées 10 ans, comme la loi"
            " l'exige.",
        ),
    ),
)  # fmt: skip

FRENCH = Tongue(
    code="fr",
    opening="‹Bonjour,|Bonsoir,|Madame, Monsieur,|›",
    closing="‹|Merci d'avance.|Cordialement, {name}|Merci !|Bien à vous, {name}›",
    items=(
        "le carré potager", "la tondeuse robot R2", "la lampe Arc", "la bouilloire Classic",
        "le banc de jardin", "l'enrouleur", "le hamac", "la mangeoire", "la boîte à outils",
    ),
    money="{} €",
    date="{day} {month}",
    months=(
        "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre",
        "octobre", "novembre", "décembre",
    ),
    names=("Camille", "Hugo", "Léa", "Youssef", "Inès", "Mathieu", "Chloé", "Baptiste"),
    topics={
        "return": _RETURN, "refund": _REFUND, "shipping": _SHIPPING, "invoice": _INVOICE,
        "warranty": _WARRANTY, "account": _ACCOUNT,
    },
    evasive=(
        "Je suis désolé, je ne peux pas vous aider. Consultez notre page d'aide.",
        "Merci de votre message ! Votre satisfaction est notre priorité.",
    ),
    complaints=(
        ("unhelpful", "Cela ne répond pas à ma question."),
        ("not_resolved", "J'ai dû appeler quand même."),
    ),
    praise=("Rapide et clair.", "Parfait, merci.", "Réponse précise."),
)  # fmt: skip
