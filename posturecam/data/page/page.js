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

  // A band around a line, broken where the line is.
  const bandOf = (line, half, fillcolor) => {
    const x = [];
    const y = [];
    let run = [];
    const close = () => {
      for (const [at, deg, by] of run) x.push(at), y.push(deg + by);
      for (const [at, deg, by] of run.reverse()) x.push(at), y.push(deg - by);
      x.push(null);
      y.push(null);
      run = [];
    };
    line.x.forEach((at, index) => (at === null ? close() : run.push([at, line.y[index], half(index)])));
    close();
    return { type: "scatter", mode: "lines", x, y, fill: "toself", fillcolor, line: { width: 0 }, hoverinfo: "skip", showlegend: false };
  };
  // All five angles as lines, or the chosen one with its limits and bands.
  const choice = document.getElementById("angle");
  const anglesShown = (data) => {
    if (!choice.value) return data.filter((trace) => trace.name).map((trace, index, all) => ({ ...trace, showlegend: all.findIndex((other) => other.name === trace.name) === index }));
    const chosen = data.filter((trace) => trace.meta.angle === choice.value);
    const bands = chosen.filter((trace) => trace.name).flatMap((line) => [
      ...(line.meta.error_deg === null ? [] : [bandOf(line, () => line.meta.error_deg, "@band")]),
      bandOf(line, (index) => line.customdata[index], "@spread"),
    ]);
    return [...bands, ...chosen];
  };

  const figure = (key, width) => {
    const style = getComputedStyle(root);
    const colour = (name) => style.getPropertyValue(`--${name}`).trim();
    const plain = structuredClone(figures[key]);
    if (key === "angles") plain.data = anglesShown(plain.data);
    const { data, layout } = painted(plain, "", colour);
    for (const [name, axis] of Object.entries(layout)) {
      if (!/^[xy]axis/.test(name)) continue;
      Object.assign(axis, { gridcolor: colour("rule"), linecolor: colour("soft"), zerolinecolor: colour("soft"), tickcolor: colour("soft") });
      if (axis.title) Object.assign(axis.title, { font: { size: 12 }, standoff: 8 });
    }
    // A copy of the range: plotly writes into it while one drags.
    if (timed.includes(key)) Object.assign(layout.xaxis, { range: [...shown], ...tickAxis(shown, width - 90) });
    Object.assign(layout, {
      width,
      autosize: false,
      showlegend: key === "angles" && !choice.value,
      legend: { orientation: "h", y: 1.02, yanchor: "bottom", x: 0 },
      hovermode: "closest",
      hoverdistance: 30,
      dragmode: matchMedia("(pointer: coarse)").matches ? false : "zoom",
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      margin: { l: key === "day" ? 78 : 60, r: 12, t: key === "angles" ? 48 : 16, b: 30 },
      font: { family: getComputedStyle(document.body).fontFamily, size: 12, color: colour("ink") },
      hoverlabel: { bgcolor: colour("paper"), bordercolor: colour("soft"), font: { color: colour("ink") }, align: "left" },
    });
    return [data, layout, { displayModeBar: false, doubleClick: false, scrollZoom: false }];
  };

  // What is folded is drawn when it is opened.
  const open = () => Object.keys(figures).filter((key) => place(key).closest("details").open);
  const draw = () => Promise.all(open().map(drawOne));
  const begun = new Set();
  const drawOne = async (key) => {
    await Plotly.react(place(key), ...figure(key, place(key).clientWidth));
    place(key).dataset.drawn = "yes";
    if (begun.has(key) || !timed.includes(key)) return;
    begun.add(key);
    place(key).on("plotly_relayout", (change) => {
      const range = change["xaxis.range"] || [change["xaxis.range[0]"], change["xaxis.range[1]"]];
      if (range[0] !== undefined) show(range.map(Number));
    });
    place(key).on("plotly_doubleclick", () => show(whole));
  };

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

  for (const part of document.querySelectorAll("details")) part.addEventListener("toggle", draw);
  if (choice) choice.addEventListener("change", draw);
  draw().then(() => {
    root.dataset.drawn = "yes";
  });

  let resized = 0;
  addEventListener("resize", () => {
    cancelAnimationFrame(resized);
    resized = requestAnimationFrame(draw);
  });
  schemes.addEventListener("change", draw);
  narrow.addEventListener("change", draw);

  // On paper dark on white, as wide as the sheet; what is folded stays away.
  const printed = (paper) => () => {
    if (paper) root.dataset.paper = "yes";
    else delete root.dataset.paper;
    for (const key of open()) Plotly.react(place(key), ...figure(key, paper ? 660 : place(key).clientWidth));
  };
  addEventListener("beforeprint", printed(true));
  addEventListener("afterprint", printed(false));
})();
