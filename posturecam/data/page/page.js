"use strict";
(() => {
  const { figures, ticks, words } = JSON.parse(document.getElementById("data").textContent);
  const root = document.documentElement;
  const narrow = matchMedia("(max-width: 40rem)");
  const schemes = matchMedia("(prefers-color-scheme: dark)");
  const timed = ["day", "angles"].filter((key) => key in figures);
  const whole = timed.length ? figures.day.layout.xaxis.range : [0, 0];
  let shown = whole;

  const place = (key) => document.getElementById(`plot-${key}`);

  // Colours are named in the figures ("@slouched") and defined once, in the style sheet.
  const painted = (value, key, colour) => {
    if (Array.isArray(value)) return value.map((item) => painted(item, key, colour));
    if (value && typeof value === "object")
      return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, painted(item, name, colour)]));
    const named = /^(fill)?color$/.test(key) && typeof value === "string" && value.startsWith("@");
    return named ? colour(value.slice(1)) : value;
  };

  // Ticks say what the clock on the wall said, also on days on which it was changed.
  const tickMinutes = (span, width) => {
    const most = Math.max(2, Math.floor(width / 60));
    return [15, 30, 60, 120, 180, 240, 360].find((minutes) => span / minutes <= most) || 720;
  };
  const tickAxis = (range, width) => {
    const every = tickMinutes(range[1] - range[0], width);
    const kept = ticks.filter(([, label]) => {
      const [hours, minutes] = label.split(":").map(Number);
      return (hours * 60 + minutes) % every === 0;
    });
    return { tickmode: "array", tickvals: kept.map(([at]) => at), ticktext: kept.map(([, label]) => label) };
  };

  const figure = (key, width) => {
    const style = getComputedStyle(root);
    const colour = (name) => style.getPropertyValue(`--${name}`).trim();
    const { data, layout } = painted(structuredClone(figures[key]), "", colour);
    for (const [name, axis] of Object.entries(layout)) {
      if (!/^[xy]axis/.test(name)) continue;
      Object.assign(axis, { gridcolor: colour("rule"), linecolor: colour("soft"), zerolinecolor: colour("soft"), tickcolor: colour("soft") });
      if (axis.title) Object.assign(axis.title, { font: { size: 12 }, standoff: 8 });
      if (axis.type === "category") axis.nticks = Math.floor(width / 90);
    }
    // A copy of the range: plotly writes into it while one drags.
    if (timed.includes(key)) Object.assign(layout.xaxis, { range: [...shown], ...tickAxis(shown, width - 90) });
    Object.assign(layout, {
      width,
      autosize: false,
      showlegend: false,
      hovermode: "closest",
      hoverdistance: 30,
      dragmode: matchMedia("(pointer: coarse)").matches ? false : "zoom",
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      margin: { l: timed.includes(key) ? 78 : 60, r: 12, t: 8, b: 30 },
      font: { family: getComputedStyle(document.body).fontFamily, size: 12, color: colour("ink") },
      hoverlabel: { bgcolor: colour("paper"), bordercolor: colour("soft"), font: { color: colour("ink") }, align: "left" },
    });
    return [data, layout, { displayModeBar: false, doubleClick: false, scrollZoom: false }];
  };

  const draw = () =>
    Promise.all(Object.keys(figures).map((key) => Plotly.react(place(key), ...figure(key, place(key).clientWidth))));

  const label = (at) => (ticks.reduce((best, tick) => (Math.abs(tick[0] - at) < Math.abs(best[0] - at) ? tick : best)))[1];
  const show = (range) => {
    const length = Math.min(Math.max(range[1] - range[0], 10), whole[1] - whole[0]);
    const start = Math.min(Math.max(range[0], whole[0]), whole[1] - length);
    shown = [start, start + length];
    const all = length === whole[1] - whole[0];
    document.getElementById("shown").textContent = all
      ? words.whole
      : words.part.replace("{start}", label(shown[0])).replace("{end}", label(shown[1]));
    return draw();
  };
  const moves = { in: [0.25, 0.75], out: [-0.5, 1.5], earlier: [-0.5, 0.5], later: [0.5, 1.5] };
  for (const button of document.querySelectorAll("button[data-zoom]"))
    button.addEventListener("click", () => {
      const move = moves[button.dataset.zoom];
      const length = shown[1] - shown[0];
      show(move ? move.map((part) => shown[0] + part * length) : whole);
    });

  const begin = draw().then(() => {
    for (const key of timed)
      place(key).on("plotly_relayout", (change) => {
        const range = change["xaxis.range"] || [change["xaxis.range[0]"], change["xaxis.range[1]"]];
        if (range[0] !== undefined) show(range.map(Number));
      });
    for (const key of timed) place(key).on("plotly_doubleclick", () => show(whole));
    root.dataset.drawn = "yes";
  });

  let resized = 0;
  addEventListener("resize", () => {
    cancelAnimationFrame(resized);
    resized = requestAnimationFrame(draw);
  });
  schemes.addEventListener("change", draw);
  narrow.addEventListener("change", draw);

  // On paper everything is open, dark on white, and as wide as the sheet.
  const closed = [];
  addEventListener("beforeprint", () => {
    root.dataset.paper = "yes";
    for (const part of document.querySelectorAll("details:not([open])")) {
      part.open = true;
      closed.push(part);
    }
    for (const key of Object.keys(figures)) Plotly.react(place(key), ...figure(key, 660));
  });
  addEventListener("afterprint", () => {
    delete root.dataset.paper;
    for (const part of closed.splice(0)) part.open = false;
    draw();
  });
  return begin;
})();
