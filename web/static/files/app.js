"use strict";
(() => {
  const d = document, w = window, $ = s => d.querySelector(s);
  const say = text => { const l = $("#live"); if (l) { l.textContent = ""; setTimeout(() => l.textContent = text, 50); } };

  // The session's time: a warning before its end, and an empty page after it.
  let ends = 0;
  const renew = s => ends = s > 0 ? Date.now() + s * 1e3 : 0;
  const clock = () => {
    const box = $("#idle"), left = Math.ceil((ends - Date.now()) / 1e3);
    if (!ends || !box) return;
    if (left < -1) { ends = 0; d.body.hidden = true; typed = false; location.reload(); return; }
    if (left > +d.body.dataset.warn) { if (box.open) box.close(); return; }
    if (!box.open) box.showModal();
    const t = Math.max(0, left);
    $("#idle-left").textContent = Math.floor(t / 60) + ":" + String(t % 60).padStart(2, "0");
    if (t == 60 || t == 30) say(box.querySelector("p + p").textContent);
  };
  renew(+d.body.dataset.idle);
  setInterval(clock, 1e3);

  // Text that was typed and not sent.
  let typed = false;
  d.addEventListener("input", e => {
    if (e.target.form?.matches("[data-guard]")) typed = true;
    if (e.target.name == "theme") d.documentElement.dataset.theme = e.target.value;
  });
  w.addEventListener("beforeunload", e => { if (typed) e.preventDefault(); });

  // Forms without htmx are sent once.
  d.addEventListener("submit", async e => {
    const f = e.target;
    if (f.closest("#idle") && !e.submitter?.hasAttribute("formaction")) {
      e.preventDefault();
      try {
        const r = await fetch(f.action, { method: "POST", headers: { Accept: "application/json" } });
        renew((await r.json()).seconds);
        clock();
      } catch { typed = false; location.reload(); }
      return;
    }
    if (f.method != "post" || e.defaultPrevented) return;
    if (f.ariaBusy) return e.preventDefault();
    f.ariaBusy = "true";
    typed = false;
  });
  w.addEventListener("pageshow", e => { if (e.persisted && d.body.dataset.idle) location.reload(); });

  // After a swap: the heading of a new sheet takes the focus, a list tells its count.
  d.addEventListener("htmx:after:swap", () => {
    renew(+($("#ends") || d.body).dataset.idle);
    const s = $("#sheet[data-id]");
    if (s != sheet) {
      sheet = s;
      typed = false;
      if (s && !s.querySelector("[autofocus]")) $("#sheet-h").focus();
    }
    const list = $("[data-say]")?.dataset.say;
    if (list != said) say(said = list);
    for (const a of d.querySelectorAll("#queue tbody a")) a.closest("tr").dataset.id == s?.dataset.id ? a.ariaCurrent = "true" : a.removeAttribute("aria-current");
  });
  let sheet = $("#sheet[data-id]"), said = $("[data-say]")?.dataset.say;
  d.addEventListener("htmx:error", () => say($("#live").dataset.failed));

  d.addEventListener("click", async e => {
    const b = e.target.closest("[data-copy], [data-fill]");
    if (!b) return;
    if (b.dataset.fill) {
      const r = $("#reason");
      r.value = b.dataset.fill; r.focus(); typed = true;
      return;
    }
    await navigator.clipboard.writeText(b.dataset.copy);
    say($("#live").dataset.copied);
  });

  // Shortcuts of one letter: they move the focus and send nothing.
  d.addEventListener("keydown", e => {
    if (!("keys" in d.body.dataset) || e.ctrlKey || e.metaKey || e.altKey || e.target.closest("input, select, textarea, dialog")) return;
    const k = e.key;
    let to;
    if (k == "j" || k == "k") {
      const rows = [...d.querySelectorAll("tbody td:first-child a")];
      const at = rows.indexOf(d.activeElement), now = at < 0 ? rows.findIndex(a => a.ariaCurrent) : at;
      to = rows[k == "j" ? now + 1 : Math.max(0, now - 1)];
    }
    if (k == "a" && $("[data-testid=approve]") || k == "d" && $("[data-testid=decline]")) to = $("#reason");
    if (k == "/") to = $("[type=search]");
    if (k == "?") $("#keys").showModal();
    if (to) to.focus();
    if (to || k == "?") e.preventDefault();
  });
})();
