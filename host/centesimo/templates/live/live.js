// Keeps a page fresh: hears of a new revision (or asks for it), then fetches the parts that are others now.
"use strict";
(() => {
  const body = document.body, root = body.dataset.root;
  const at = (path) => new URL(path, document.baseURI);
  const here = at(body.dataset.here), nowURL = new URL(body.dataset.now, here);
  const favouritesKey = `centesimo ${document.baseURI}`;
  const select = (query, from = document) => [...from.querySelectorAll(query)];
  let revision = body.dataset.revision, told = "", events = null, polling = 0, busy = false, again = false, retry = 0, since = "", heard = Date.now();
  document.documentElement.classList.add("js");

  // The favourites: start numbers, kept on this device alone.
  const read = () => { try { return JSON.parse(localStorage.getItem(favouritesKey)) || []; } catch { return []; } };
  const write = (list) => { try { localStorage.setItem(favouritesKey, JSON.stringify(list)); } catch { /* private */ } };
  const showFavourites = () => {
    const list = read(), place = document.querySelector(".favourites");
    for (const name of select("tr[data-n] .crew > a, .sheet > .who > span:nth-child(2)")) {
      if (name.nextElementSibling?.matches(".star")) continue;
      const star = document.createElement("button"), number = name.closest("[data-n]").dataset.n;
      Object.assign(star, { type: "button", className: "star" });
      star.setAttribute("aria-label", body.dataset.follow.replace("%", number));
      name.after(star);
    }
    for (const star of select(".star")) {
      const on = list.includes(star.closest("[data-n]").dataset.n);
      star.setAttribute("aria-pressed", String(on));
      star.textContent = on ? "\u2605" : "\u2606";
    }
    if (!place) return;
    while (place.rows.length > 1) place.deleteRow(1);
    for (const number of list) {
      const row = document.querySelector(`tbody[data-part] tr[data-n="${number}"]`);
      if (row) place.append(row.cloneNode(true));
    }
    place.hidden = place.rows.length < 2;
  };
  document.addEventListener("click", (event) => {
    const star = event.target.closest(".star");
    if (!star) return;
    const number = star.closest("[data-n]").dataset.n, list = read();
    write(list.includes(number) ? list.filter((one) => one !== number) : [...list, number]);
    showFavourites();
  });

  // The search: what is typed is a start number's begin, or part of a name, accents or not.
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const form = document.querySelector(".search");
  const search = () => {
    if (!form) return;
    const wanted = plain(form.q.value.trim());
    let seen = 0;
    for (const row of select("tbody[data-part] tr")) {
      const fits = !wanted || (row.dataset.n || "").startsWith(wanted) || (!/^\d+$/.test(wanted) && plain(row.textContent).includes(wanted));
      row.hidden = !fits;
      seen += fits;
    }
    form.querySelector(".none").hidden = seen > 0;
  };
  if (form) {
    form.addEventListener("input", () => { all = true; tick(); search(); });
    form.addEventListener("submit", (event) => event.preventDefault());
  }

  // A screen: its pages turn by themselves; a page that went away is left for the first.
  const turning = document.querySelector("[data-turn]");
  let turn = 0;
  const show = () => {
    const sheets = select("section", turning);
    if (turn >= sheets.length) turn = 0;
    sheets.forEach((sheet, place) => { sheet.hidden = place !== turn; });
  };
  if (turning) {
    setInterval(() => { turn += 1; show(); }, 1000 * turning.dataset.turn);
    show();
  }

  // What changed is marked for a moment.
  const texts = (part) => new Map(select("[data-n]", part).map((row) => [row.dataset.n, text(row)]));
  const text = (row) => row.textContent.replace(/[\u2605\u2606]/g, "");
  const put = (part, html, digest) => {
    const before = texts(part), focus = document.activeElement && part.contains(document.activeElement)
      ? document.activeElement.closest("[data-n]")?.dataset.n : null;
    part.innerHTML = html;
    part.dataset.digest = digest;
    delete part.dataset.wanted;
    for (const row of select("[data-n]", part)) {
      if (before.size && before.get(row.dataset.n) !== text(row)) row.classList.add("new");
    }
    if (focus) part.querySelector(`[data-n="${focus}"] a`)?.focus({ preventScroll: true });
  };
  const get = async (address) => {
    const answer = await fetch(address);
    if (!answer.ok) throw new Error(String(answer.status));
    return answer;
  };
  // A part that nobody sees waits until somebody scrolls near it.
  const near = new Set();
  const watch = window.IntersectionObserver && new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) near.add(target); else near.delete(target);
      if (isIntersecting && target.dataset.wanted) tick();
    }
  }, { rootMargin: "100% 0%" });
  if (watch) select("[data-part]").forEach((part) => watch.observe(part));
  let all = !watch;
  const isSeen = (part) => all || near.has(part) || read().some((number) => part.querySelector(`[data-n="${number}"]`));
  const fragment = async (digest) => (await get(at(`${root}crono/f/${digest}.html`))).text();

  // Where nothing but the page itself names its parts, they are taken out of it.
  const ofPage = (text) => {
    const page = new DOMParser().parseFromString(text, "text/html"), parts = select("[data-part]", page);
    const said = (query) => page.querySelector(query)?.textContent || "";
    return { revision: page.body.dataset.revision, hour: said(".as-of"), extent: said(".extent"),
      parts: parts.map((part) => [part.dataset.part, part.dataset.digest]),
      html: new Map(parts.map((part) => [part.dataset.digest, part.innerHTML])) };
  };

  const tick = async () => {
    if (busy) { again = true; return; }
    busy = true;
    try {
      const answer = await get(nowURL), now = nowURL.pathname.endsWith(".html") ? ofPage(await answer.text()) : await answer.json();
      const parts = new Map(select("[data-part]").map((part) => [part.dataset.part, part]));
      if (now.parts.length !== parts.size || now.parts.some(([name]) => !parts.has(name))) { location.reload(); return; }
      const others = now.parts.filter(([name, digest]) => parts.get(name).dataset.digest !== digest);
      others.forEach(([name, digest]) => { parts.get(name).dataset.wanted = digest; });
      const changed = others.filter(([name]) => isSeen(parts.get(name)));
      const texts = await Promise.all(changed.map(([, digest]) => now.html?.get(digest) ?? fragment(digest)));
      changed.forEach(([name, digest], place) => put(parts.get(name), texts[place], digest));
      if (changed.length) { showFavourites(); search(); if (turning) show(); }
      for (const extent of select(".extent")) extent.textContent = now.extent;
      alive(now);
    } catch {  // what was told has not arrived: it is fetched again, whether or not it is told again
      stale(body.dataset.offline);
      told = "";
      clearTimeout(retry);
      retry = setTimeout(tick, 5000);
    } finally {
      busy = false;
      if (again) { again = false; tick(); }
    }
  };

  // Whether there is news at all, and since when not.
  const hour = () => document.querySelector(".as-of")?.textContent || "";
  const stale = (text) => {
    for (const place of select(".stale")) place.textContent = text.replace("%", hour());
    body.classList.toggle("old", Boolean(text));
  };
  const alive = (now) => {
    revision = now.revision || revision;
    heard = Date.now();
    for (const place of select(".as-of")) place.textContent = now.hour;
    for (const place of select(".revision")) place.textContent = revision;
    tell();
  };
  const tell = () => stale(since ? body.dataset.noNews.replace("%", since) : "");
  const hear = (now) => {
    heard = Date.now();
    since = now.since || "";
    tell();
    if (`${now.revision} ${now.hour}` === told || (!told && now.revision === revision)) { told = `${now.revision} ${now.hour}`; return; }
    told = `${now.revision} ${now.hour}`;
    setTimeout(tick, Math.random() * 150);
  };

  const poll = async () => {
    try { hear(await (await get(at(`${root}crono/now.json`))).json()); } catch { stale(body.dataset.offline); }
  };
  const listen = () => {
    if (events || document.hidden || !window.EventSource) return;
    events = new EventSource(at(`${root}api/events`));
    events.onmessage = (event) => hear(JSON.parse(event.data));
    events.onopen = () => { clearInterval(polling); polling = 0; };
    events.onerror = () => { if (!polling) polling = setInterval(poll, 5000); };
  };
  const leave = () => { if (events) events.close(); events = null; clearInterval(polling); polling = 0; };
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) { leave(); } else { tick(); listen(); }
  });
  window.addEventListener("beforeprint", () => { all = true; tick(); });
  window.addEventListener("online", () => { leave(); tick(); listen(); });
  window.addEventListener("pagehide", leave);
  window.addEventListener("pageshow", (event) => { if (event.persisted) { tick(); listen(); } });
  showFavourites();
  listen();
  setInterval(() => { if (events && Date.now() - heard > 40000 && !polling) { leave(); listen(); polling = setInterval(poll, 5000); } }, 10000);
})();
