"use strict";
// The page is complete without this script; it adds the theme switch, picking of routes, details on hover and focus,
// one day at a time, and zoom. It reads nothing but the page and its address, and writes text, never markup.
(() => {
  const root = document.documentElement;
  root.dataset.js = "1";
  const stored = (() => { try { return localStorage.getItem("fieldops-theme"); } catch { return null; } })();
  const asked = new URLSearchParams(location.search).get("theme") || stored;
  if (asked === "dark" || asked === "light") root.dataset.theme = asked;

  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const element = (tag, text, className) => {
    const made = document.createElement(tag);
    if (text) made.textContent = text;
    if (className) made.className = className;
    return made;
  };

  function theme() {
    const button = document.getElementById("theme");
    const system = matchMedia("(prefers-color-scheme: dark)");
    const isDark = () => (root.dataset.theme || (system.matches ? "dark" : "light")) === "dark";
    const label = () => { button.querySelector("span").textContent = isDark() ? "Light" : "Dark"; };
    button.addEventListener("click", () => {
      root.dataset.theme = isDark() ? "light" : "dark";
      try { localStorage.setItem("fieldops-theme", root.dataset.theme); } catch { /* not kept: no harm */ }
      label();
    });
    system.addEventListener("change", label);
    label();
  }

  const tip = () => document.getElementById("tip");
  function showTip(source, text) {
    const box = tip();
    box.textContent = text;
    box.hidden = false;
    const at = source.getBoundingClientRect(), own = box.getBoundingClientRect();
    const below = at.bottom + 8 + own.height < innerHeight;
    box.style.left = Math.max(8, Math.min(at.left, innerWidth - own.width - 8)) + "px";
    box.style.top = Math.max(8, below ? at.bottom + 8 : at.top - own.height - 8) + "px";
  }
  const hideTip = () => { tip().hidden = true; };

  function board(section) {
    const rows = all(".row", section), routes = all(".route", section), drawing = section.querySelector(".drawing");
    const hint = section.querySelector(".hint");
    const rowOf = new Map(rows.map((row) => [row.dataset.r, row]));
    const routeOf = new Map(routes.map((route) => [route.dataset.r, route]));
    const pick = (row) => row.querySelector(".pick");
    let hot = null;

    function paint() {
      for (const [key, row] of rowOf) {
        const chosen = pick(row).checked, route = routeOf.get(key);
        row.classList.toggle("sel", chosen);
        row.classList.toggle("hot", key === hot);
        route.classList.toggle("sel", chosen);
        route.classList.toggle("hot", key === hot);
      }
      section.querySelector(".map").classList.toggle("focusing", hot !== null || rows.some((row) => pick(row).checked));
    }
    function tell() {
      const chosen = rows.filter((row) => pick(row).checked);
      if (!chosen.length) {
        hint.replaceChildren("Point at a row or a route to see it alone; tick rows to keep their routes.");
        return;
      }
      const list = element("span", "", "picked");
      for (const row of chosen.slice(0, 6)) {
        const line = element("span"), chip = element("i", "", "chip"), link = element("a", "stop by stop");
        chip.style.setProperty("--c", row.style.getPropertyValue("--c"));
        link.href = "#route-" + row.dataset.r;
        line.append(chip, row.querySelector(".name").textContent, link);
        list.append(line);
      }
      if (chosen.length > 6) list.append(element("span", "and " + (chosen.length - 6) + " more"));
      const clear = element("button", "Show all routes again");
      clear.type = "button";
      clear.addEventListener("click", () => { rows.forEach((row) => { pick(row).checked = false; }); mark(null); tell(); paint(); });
      list.append(clear);
      hint.replaceChildren(list);
    }
    function raise(key) {
      // Later shapes cover earlier ones: what is looked at comes last.
      const route = routeOf.get(key);
      if (route && route !== route.parentNode.lastElementChild) route.parentNode.append(route);
    }
    function heat(key) {
      if (key === hot) return;
      hot = key;
      if (key !== null) raise(key);
      paint();
    }
    function mark(bar) {
      all(".marked", section).forEach((marked) => marked.classList.remove("marked"));
      if (!bar) return;
      const [, key, stop] = bar.id.match(/^r(\d+)s(\d+)$/);
      bar.classList.add("marked");
      routeOf.get(key).querySelector('.dot[data-s="' + stop + '"]').classList.add("marked");
    }
    function frame(bar, on) {
      const stop = bar.id.split("s")[1];
      all('.win[data-w~="' + stop + '"]', bar.parentNode).forEach((window_) => window_.classList.toggle("hot", on));
    }
    const said = (bar) => bar.getAttribute("aria-label");

    for (const [key, row] of rowOf) {
      row.addEventListener("mouseenter", () => heat(key));
      row.addEventListener("mouseleave", () => heat(null));
      row.addEventListener("focusin", () => heat(key));
      row.addEventListener("focusout", () => heat(null));
      pick(row).addEventListener("change", () => { raise(key); tell(); paint(); });
      for (const shape of all(".bar, .pause", row)) {
        const on = () => { showTip(shape, said(shape)); if (shape.id) frame(shape, true); };
        const off = () => { hideTip(); if (shape.id) frame(shape, false); };
        shape.addEventListener("mouseenter", on);
        shape.addEventListener("mouseleave", off);
        shape.addEventListener("focus", on);
        shape.addEventListener("blur", off);
        shape.addEventListener("click", () => {
          if (!shape.id) return;
          pick(row).checked = true;
          mark(shape); raise(key); tell(); paint();
        });
      }
    }
    for (const [key, route] of routeOf) {
      route.addEventListener("mouseenter", () => heat(key));
      route.addEventListener("mouseleave", () => heat(null));
      route.addEventListener("click", () => {
        const row = rowOf.get(key);
        pick(row).checked = !pick(row).checked;
        tell(); paint();
        row.scrollIntoView({ block: "nearest" });
      });
      for (const dot of all(".dot", route)) {
        const bar = document.getElementById("r" + key + "s" + dot.dataset.s);
        dot.addEventListener("mouseenter", () => showTip(dot, said(bar)));
        dot.addEventListener("mouseleave", hideTip);
      }
    }
    section.addEventListener("keydown", (event) => {
      const row = event.target.closest(".row");
      if (!row) return;
      const shown = rows.filter((other) => !other.classList.contains("quiet"));
      const bars = all(".bar", row), at = bars.indexOf(event.target);
      const turn = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      let next = null;
      if (turn) next = shown[shown.indexOf(row) + turn] && pick(shown[shown.indexOf(row) + turn]);
      else if (event.key === "ArrowRight") next = bars[at + 1];
      else if (event.key === "ArrowLeft") next = at > 0 ? bars[at - 1] : pick(row);
      else if (event.key === "Escape") { hideTip(); return; }
      else return;
      event.preventDefault();
      if (next) next.focus();
    });
    section.querySelector(".only-alerts").addEventListener("change", (event) => {
      rows.forEach((row) => row.classList.toggle("quiet", event.target.checked && !row.classList.contains("alert")));
    });
    section.querySelector(".zoom-hours").addEventListener("input", (event) => {
      const timeline = section.querySelector(".timeline"), share = event.target.value / 100;
      const fit = (timeline.clientWidth - timeline.querySelector(".who").offsetWidth) / parseFloat(timeline.style.getPropertyValue("--hours"));
      const middle = (timeline.scrollLeft + timeline.clientWidth / 2) / timeline.scrollWidth;
      if (share > 0) timeline.style.setProperty("--hour", Math.max(58, fit) * (1 + 4 * share) + "px");
      else timeline.style.removeProperty("--hour");
      timeline.scrollLeft = middle * timeline.scrollWidth - timeline.clientWidth / 2;
    });
    for (const link of all(".alerts a", section)) {
      link.addEventListener("click", (event) => {
        event.preventDefault();
        const target = document.getElementById(link.hash.slice(1)), row = target.closest(".row");
        pick(row).checked = true;
        raise(row.dataset.r); tell(); paint();
        if (target !== row) mark(target);
        (target === row ? pick(row) : target).focus();
      });
    }
    tell();
    zoomMap(section, drawing);
  }

  function zoomMap(section, drawing) {
    const height = Number(drawing.dataset.height), perUnit = Number(drawing.dataset.scale);
    const [line, label] = section.querySelector(".scale").children;
    let view = { x: 0, y: 0, w: 1000 };
    function draw() {
      const share = height / 1000;
      view.w = Math.min(1000, Math.max(20, view.w));
      view.x = Math.min(1000 - view.w, Math.max(0, view.x));
      view.y = Math.min(height - view.w * share, Math.max(0, view.y));
      drawing.setAttribute("viewBox", [view.x, view.y, view.w, view.w * share].join(" "));
      const drawn = Math.min(drawing.clientWidth, drawing.clientHeight / share) || 500;
      drawing.style.setProperty("--px", view.w / drawn);
      drawing.classList.toggle("zoomed", view.w < 999);
      const longest = view.w * perUnit / 4, power = 10 ** Math.floor(Math.log10(longest));
      const meters = Math.max(...[1, 2, 5].map((step) => step * power).filter((length) => length <= longest));
      const px = view.w / drawn, left = view.x + 14 * px, foot = view.y + view.w * share - 14 * px;
      line.setAttribute("d", "M" + left + " " + (foot - 6 * px) + "v" + 6 * px + "h" + meters / perUnit + "v" + -6 * px);
      label.setAttribute("x", left + 5 * px);
      label.setAttribute("y", foot - 5 * px);
      label.textContent = meters >= 1000 ? (meters / 1000).toLocaleString("en") + " km" : meters + " m";
    }
    function zoom(factor, atX, atY) {
      const w = Math.min(1000, Math.max(20, view.w * factor)), real = w / view.w;
      view = { x: atX - (atX - view.x) * real, y: atY - (atY - view.y) * real, w };
      draw();
    }
    function around(boxes) {
      if (!boxes.length) return { x: 0, y: 0, w: 1000 };
      const left = Math.min(...boxes.map((box) => box.x)), right = Math.max(...boxes.map((box) => box.x + box.width));
      const top = Math.min(...boxes.map((box) => box.y)), foot = Math.max(...boxes.map((box) => box.y + box.height));
      const w = Math.max(100, 1.15 * (right - left), 1.15 * (foot - top) * 1000 / height);
      return { x: (left + right - w) / 2, y: (top + foot - w * height / 1000) / 2, w };
    }
    const middle = () => [view.x + view.w / 2, view.y + view.w * height / 2000];
    const actions = {
      in: () => zoom(0.6, ...middle()),
      out: () => zoom(1 / 0.6, ...middle()),
      fit: () => {
        const before = view.x + " " + view.y + " " + view.w;
        view = around(all(".route.sel .line", drawing).map((path) => path.getBBox()));
        draw();
        // What is picked fits already: the same button then shows all.
        if (before === view.x + " " + view.y + " " + view.w) { view = around([]); draw(); }
      },
    };
    all("[data-zoom]", section).forEach((button) => button.addEventListener("click", actions[button.dataset.zoom]));
    const place = (event) => {
      const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(drawing.getScreenCTM().inverse());
      return [at.x, at.y];
    };
    drawing.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      zoom(event.deltaY < 0 ? 0.85 : 1 / 0.85, ...place(event));
    }, { passive: false });
    drawing.addEventListener("dblclick", (event) => zoom(0.5, ...place(event)));
    let held = null;
    drawing.addEventListener("pointerdown", (event) => { if (view.w < 999) held = place(event); });
    addEventListener("pointermove", (event) => {
      if (!held) return;
      const [x, y] = place(event);
      view.x += held[0] - x;
      view.y += held[1] - y;
      draw();
    });
    addEventListener("pointerup", () => { held = null; });
    new ResizeObserver(draw).observe(drawing);
    draw();
  }

  function days() {
    const tabs = all("#day-tabs a");
    if (!tabs.length) return;
    function show(day) {
      all("[data-day]").filter((part) => part.tagName === "SECTION").forEach((part) => { part.hidden = day !== "all" && part.dataset.day !== day; });
      tabs.forEach((tab) => { if (tab.dataset.day === day) tab.setAttribute("aria-current", "true"); else tab.removeAttribute("aria-current"); });
    }
    const fromAddress = () => {
      const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
      const part = target && target.closest("section[data-day]");
      if (part) { show(part.dataset.day); target.scrollIntoView(); }
    };
    tabs.forEach((tab) => tab.addEventListener("click", () => show(tab.dataset.day)));
    show(tabs[0].dataset.day);
    addEventListener("hashchange", fromAddress);
    fromAddress();
  }

  function tables() {
    const details = all(".route-table");
    const open = (on) => details.forEach((part) => { part.open = on; });
    document.getElementById("open-all").addEventListener("click", () => open(true));
    document.getElementById("close-all").addEventListener("click", () => open(false));
    const follow = () => {
      const part = location.hash.startsWith("#route-") && document.getElementById(location.hash.slice(1));
      if (part) part.open = true;
    };
    addEventListener("hashchange", follow);
    follow();
    let before = [];
    addEventListener("beforeprint", () => { before = details.map((part) => part.open); open(true); });
    addEventListener("afterprint", () => details.forEach((part, pos) => { part.open = before[pos]; }));
  }

  document.addEventListener("DOMContentLoaded", () => {
    theme();
    all(".day").filter((section) => section.querySelector(".board")).forEach(board);
    days();
    tables();
    document.addEventListener("scroll", hideTip, true);
  });
})();
