(() => {
  const d = document, $ = s => d.querySelector(s), on = (type, f) => addEventListener(type, f);
  const say = text => setTimeout(() => $("#live").textContent = text, 50, $("#live").textContent = "");
  let ends = 0, leaving, sheet = $("#sheet[data-id]"), said = $("[data-say]")?.dataset.say;

  // The session's end.
  const renew = s => ends = s > 0 ? Date.now() + s * 1e3 : 0;
  const again = () => { leaving = true; d.body.replaceChildren(); location.reload(); };
  const clock = () => {
    const box = $("#idle"), left = Math.ceil((ends - Date.now()) / 1e3);
    if (!ends || !box) return;
    if (left < -1) return again(ends = 0);
    if (left > +d.body.dataset.warn) return box.close();
    if (!box.open) box.showModal();
    const t = left > 0 ? left : 0, time = $("#idle-left");
    time.textContent = Math.floor(t / 60) + ":" + String(t % 60).padStart(2, "0");
    if (t == 60 || t == 20) $("#idle [role]").textContent = time.parentNode.textContent;
  };
  renew(+d.body.dataset.idle);
  setInterval(clock, 1e3);
  on("pageshow", e => e.persisted && ends && again());

  // Typed, not sent.
  const unsent = () => !leaving && $("#reason")?.value;
  on("beforeunload", e => unsent() && e.preventDefault());
  on("htmx:config:request", e => {
    const c = e.detail.ctx;
    if (c.request.method == "GET" && c.target?.id == "sheet" && unsent() && !confirm($("[data-guard]").dataset.guard)) e.preventDefault();
  });
  on("htmx:after:request", e => leaving = e.detail.ctx.request.method != "GET");

  // Forms without htmx are sent once.
  on("submit", async e => {
    const f = e.target;
    if (f.closest("#idle") && !e.submitter.formAction.endsWith("/sign-out")) {
      e.preventDefault();
      try {
        const r = await fetch(f.action, { method: "POST", headers: { Accept: "application/json" } });
        renew((await r.json()).seconds);
        clock();
      } catch { again(); }
    } else if (f.method == "post" && !e.defaultPrevented) {
      if (f.ariaBusy) e.preventDefault();
      leaving = f.ariaBusy = "true";
    }
  });

  // After a swap: focus on an error, the heading or the part.
  on("htmx:before:swap", e => {
    for (const t of e.detail.tasks) for (const a of t.fragment.querySelectorAll("[autofocus]")) a.autofocus = !(a.dataset.focus = "1");
  });
  on("htmx:after:swap", e => {
    leaving = false;
    $("#lost").hidden = true;
    renew(+($("#ends") || d.body).dataset.idle);
    const s = $("#sheet[data-id]"), part = d.getElementById(e.detail.ctx.target?.id), list = $("[data-say]")?.dataset.say;
    if (s && s != sheet && !d.activeElement.form) ($("#sheet [data-focus]") || $("#sheet-h")).focus();
    sheet = s;
    if (d.activeElement == d.body && part) {
      part.scrollIntoView();
      part.focus({ preventScroll: true });
    }
    if (list != said) say(said = list);
    for (const r of d.querySelectorAll("#queue tr[data-id]")) r.querySelector("a").ariaCurrent = r.dataset.id == s?.dataset.id || null;
  });
  on("htmx:error", () => $("#lost").hidden = false);

  on("input", e => { if (e.target.name == "theme") d.documentElement.dataset.theme = e.target.value; });
  on("click", async e => {
    const b = e.target.closest("[data-copy], [data-fill]")?.dataset, r = $("#reason");
    if (b?.fill) {
      r.value = b.fill;
      r.focus();
    } else if (b) {
      await navigator.clipboard.writeText(b.copy);
      say($("#live").dataset.copied);
    }
  });

  // Shortcuts only move the focus.
  on("keydown", e => {
    if (!("keys" in d.body.dataset) || e.ctrlKey || e.metaKey || e.altKey || e.target.closest("input, select, textarea, dialog")) return;
    const rows = [...d.querySelectorAll("tbody td:first-child a")], k = e.key;
    let at = rows.indexOf(d.activeElement);
    if (at < 0) at = rows.findIndex(a => a.ariaCurrent);
    const to = { j: rows[at + 1], k: rows[Math.max(0, at - 1)], a: $("[data-testid=approve]"), d: $("[data-testid=decline]"), "/": $("[type=search]") }[k];
    if (k == "?") $("#keys").showModal();
    if (to) to.focus();
    if (to || k == "?") e.preventDefault();
  });
})();
