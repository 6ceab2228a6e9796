"""scratch measurements"""
import time, statistics, random
import pytest
from django.db import connection
from interactions.filters import sql
from tests.make import *
from interactions.services.log import log_interactions
pytestmark = pytest.mark.django_db
def med(f,n=5):
    t=[]
    for _ in range(n):
        a=time.perf_counter(); f(); t.append((time.perf_counter()-a)*1e3)
    return statistics.median(t)
def test_like():
    project=make_project()
    words="lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt".split()
    r=random.Random(1)
    def t(n): return " ".join(r.choices(words,k=n))
    log_interactions(project,[make_draft(messages=[{"role":"system","content":t(60)},{"role":"user","content":t(120)},{"role":"assistant","content":t(100)},{"role":"user","content":[{"type":"text","text":t(100)}]}],completion="x",created_at=NOON) for _ in range(3000)])
    with connection.cursor() as c:
        c.execute("ANALYZE interaction_body")
        def run(q,p): 
            c.execute("SELECT count(*) FROM interaction_body b WHERE "+q,p); return c.fetchone()[0]
        for word in ("zzzznothing","lorem ipsum dolor","lorem"):
            p=f"%{word}%"
            print(word, "json only",med(lambda: run("b.messages::text ILIKE %s",[p])),"apart only",med(lambda: run(sql._PROMPT_TEXT,[p])),"both",med(lambda: run("b.messages::text ILIKE %s AND "+sql._PROMPT_TEXT,[p,p])), run(sql._PROMPT_TEXT,[p]))
def test_postings():
    from adaptive_site.lib.pgcopy import write_rows
    from adaptive_site.lib.ids import uuid7
    from datetime import timedelta
    project=make_project()
    r=random.Random(2)
    with connection.cursor() as c:
      res={True:[],False:[]}
      # 800 labels, 20 batches of 1000 rows x 8 postings, alternating
      at=NOON
      for batch in range(40):
        rows=[]
        for i in range(1000):
            at+=timedelta(seconds=1)
            id=uuid7(at).hex
            rows+= [(project.id, l, id) for l in r.sample(range(1,40),4)+r.sample(range(40,800),4)]
        s=batch%2==0
        a=time.perf_counter()
        if s: rows.sort()
        b=time.perf_counter()
        write_rows("interaction_label",("project_id","label_id","interaction_id"),rows)
        e=time.perf_counter()
        res[s].append((e-b)*1e3)
        if s: res.setdefault('sort',[]).append((b-a)*1e3)
      for k,v in res.items(): print(k, statistics.median(v), min(v))
def test_insert_copy():
    from adaptive_site.lib import pgcopy
    from adaptive_site.lib.ids import uuid7
    project=make_project()
    body="x y\nz"*500
    def batch(n): return [(uuid7(NOON).hex,project.id,'[{"role":"user","content":"%s"}]'%("word "*200),body) for _ in range(n)]
    cols=("interaction_id","project_id","messages","completion")
    narrow=("project_id","label_id","interaction_id")
    for n in (1,2,4,8,16,32,64,128,500):
        out=[]
        for way in (10**9,1):
            pgcopy.COPY_FROM=way
            def f(): pgcopy.write_rows("interaction_body",cols,b)
            ts=[]
            for _ in range(15):
                b=batch(n); a=time.perf_counter(); f(); ts.append((time.perf_counter()-a)*1e3)
            out.append(statistics.median(ts))
            ts=[]
            for _ in range(15):
                b=[(project.id,5,uuid7(NOON).hex) for _ in range(n)]; a=time.perf_counter(); pgcopy.write_rows("interaction_label",narrow,b); ts.append((time.perf_counter()-a)*1e3)
            out.append(statistics.median(ts))
        print(n,"body INSERT %.2f COPY %.2f ms; posting INSERT %.2f COPY %.2f ms"%(out[0],out[2],out[1],out[3]))
