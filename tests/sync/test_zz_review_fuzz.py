from __future__ import annotations
import os, random
from dataclasses import replace
import pytest, orjson
from tests.sync.conftest import DEAL, CONTACT, MANAGER, Crm, COMPANY
from sync.commit import FILLED
from sync.run import run_pass

def filled(s, key):
    return orjson.loads(s.outside.sheets.read_structure(s.spreadsheet_id).metadata[FILLED]).get(key)

def test_filled(crm):
    crm.fill({**DEAL, "stage": "MQL"})
    service = replace(crm, outside=replace(crm.outside, known={}))
    service.type_rows("contacts", *({**CONTACT, "email": f"a{i}@steppe.example", "first_name": f"N{i}", "phone": f"+7701123{i:04d}"} for i in range(12)))
    service.write("deals", 0, {"contact": "a1@steppe.example"})
    for _ in range(3): service.sync()
    for i in range(12): service.write("contacts", i, {"messenger": "@x"})
    r = service.sync(); print("quiet", r.cells)
    service.write("deals", 0, {"stage": "SQL"})
    r = service.sync(); print("real", r.cells, filled(service, "contacts.messenger"))
    for _ in range(3): service.sync()
    print("recorded", filled(service, "contacts.messenger"))
    # restart; the column is emptied in mass
    service.outside.known.clear()
    for i in range(12): service.write("contacts", i, {"messenger": None})
    r = service.sync()
    print("held", r.held)
    assert r.held

VALUES = [None, "", " ", True, False, 1, 0, 1.5, "1", "TRUE", "x", "Steppe Bank", "Other Co", "anna@steppe.example", "b@other.example", "SQL", "MQL", "Won", "Lost", "No", "Yes", 46000, 70000, 40000, "D-000001", "D-000002", "P-000001", "Website", "KZ", "+77011234567", "Spring campaign", "Dana", "Kazakhstan"]

@pytest.mark.parametrize("seed", range(int(os.environ.get("S0", 0)), int(os.environ.get("S1", 4))))
def test_fuzz(crm, seed):
    rnd = random.Random(seed)
    crm.fill({**DEAL, "stage": "MQL"}, {**DEAL, "title": "Second", "stage": "Lead"}, {**DEAL, "title": "Third", "accountable": "Max"},
             contacts=(CONTACT, {**CONTACT, "first_name": "Bob", "email": "b@other.example", "company": "Other Co", "phone": "+77019999999"}))
    crm.write("companies", 1, {**COMPANY, "title": "Other Co", "site": "other.example"})
    service = replace(crm, outside=replace(crm.outside, known={}))
    fresh = replace(crm, outside=replace(crm.outside, known=None))
    for _ in range(2): service.sync()
    done = []
    for step in range(int(os.environ.get("STEPS", 25))):
        for _ in range(rnd.choice((1, 1, 2, 3))):
            kind = rnd.choice(["cell"] * 6 + ["report", "row", "sort", "memory", "events", "lists", "letter", "foreign"])
            tab = rnd.choice(["deals", "contacts", "companies"])
            fields = list(crm.playbook.tabs[tab].fields)
            if kind == "cell":
                f, v, n = rnd.choice(fields), rnd.choice(VALUES), rnd.randrange(5)
                done.append((tab, n, f, v)); crm.write(tab, n, {f: v})
            elif kind == "events" or kind == "lists":
                tab = kind
                fs = list(crm.playbook.tabs[tab].fields)
                f, v, n = rnd.choice(fs), rnd.choice(VALUES), rnd.randrange(4)
                done.append((tab, n, f, v)); crm.write(tab, n, {f: v})
            elif kind == "report":
                key = rnd.choice(list(crm.playbook.reports))
                col, row, v = rnd.choice("ABCDEFGHIJ"), rnd.randrange(1, 30), rnd.choice(VALUES)
                done.append(("report", key, col, row, v))
                crm.as_manager("values.batchUpdate", {}, {"valueInputOption": "RAW", "data": [{"range": f"'{crm.title(key)}'!{col}{row}", "values": [["" if v is None else v]]}]})
            elif kind == "memory":
                done.append(("reread",)); service.outside.known.clear()
            elif kind == "foreign":
                v = rnd.choice(VALUES); done.append(("foreign", tab, v))
                crm.as_manager("values.batchUpdate", {}, {"valueInputOption": "RAW", "data": [{"range": f"'{crm.title(tab)}'!AZ{rnd.randrange(1,4)}", "values": [["" if v is None else v]]}]}) if False else None
            elif kind == "letter":
                done.append(("letter",)); crm.letter(sender=rnd.choice(("anna@steppe.example", "b@other.example")), text=f"hello {step}")
            elif kind == "row":
                sid = crm.sheet_id(tab); n = rnd.randrange(1, 5)
                req = rnd.choice([
                    {"deleteDimension": {"range": {"sheetId": sid, "dimension": "ROWS", "startIndex": n, "endIndex": n + 1}}},
                    {"insertDimension": {"range": {"sheetId": sid, "dimension": "ROWS", "startIndex": n, "endIndex": n + 1}}},
                    {"moveDimension": {"source": {"sheetId": sid, "dimension": "ROWS", "startIndex": n, "endIndex": n + 1}, "destinationIndex": rnd.choice((1, n + 2))}},
                ])
                done.append((tab, req))
                try: crm.batch_update(req)
                except AssertionError as e: done.append("refused")
            elif kind == "sort":
                n, m = rnd.randrange(3), rnd.randrange(4)
                rows = crm.rows(tab)
                if n < len(rows):
                    done.append(("copy", tab, n, m))
                    crm.write(tab, m, {k: v for k, v in rows[n].items() if k in fields and rnd.random() < 0.95})
        try:
            service.sync(); r0 = service.sync()
        except Exception as e:
            raise AssertionError((type(e), e, done[-6:])) from e
        before = {t: crm.values(t) for t in (*crm.playbook.tabs, *crm.playbook.reports)}
        mem = crm.values_of_memory()
        r = fresh.sync()
        if r.cells or r.reports or r.events or r.letters:
            after_ = {t: crm.values(t) for t in (*crm.playbook.tabs, *crm.playbook.reports)}
            diffs = [(t, i, j, a, b) for t in after_ for i, (x, y) in enumerate(zip(before[t], after_[t])) for j, (a, b) in enumerate(zip(x, y)) if (a, type(a)) != (b, type(b))]
            m2 = crm.values_of_memory()
            diffs += [("mem", i, j, a, b) for i, (x, y) in enumerate(zip(mem, m2)) for j, (a, b) in enumerate(zip(x, y)) if a != b]
            raise AssertionError((step, r.cells, r.reports, r.events, "held", r0.held, diffs[:6], "done", done[-6:]))
        assert (r.rows, r.stages) == (r0.rows, r0.stages), (step, r.rows, r0.rows, done[-6:])
