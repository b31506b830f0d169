"use strict";
// Draws the charts of a page of ditmos and sorts its tables. The page holds the charts as JSON; where ECharts
// wants a function the JSON says {"$fn": name, "args": [...]}, which is looked up below.
(() => {
  const format = (kind, value) => {
    if (value === null || value === undefined || Number.isNaN(value)) return "";
    const v = Array.isArray(value) ? value[value.length - 1] : value;
    if (typeof v !== "number") return String(v);
    if (kind === "percent") return (100 * v).toFixed(1).replace(/\.0$/, "") + " %";
    if (kind === "bytes") return Math.abs(v) < 10000 ? v.toLocaleString("en") + " B" : (v / 1024).toFixed(1) + " KiB";
    return Math.abs(v) >= 1000 ? v.toLocaleString("en", {maximumFractionDigits: 0}) : String(+v.toPrecision(4));
  };
  const escape = (text) => String(text).replace(/[&<>"]/g, (c) => ({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})[c]);
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  const makers = {
    share_below: () => ({min}) => Math.max(0, Math.floor(20 * min - 0.3) / 20),
    share_above: () => ({max}) => Math.min(1, Math.ceil(20 * max + 0.3) / 20),
    format: (kind) => (value) => format(kind, value),
    heat_label: (kind) => (p) => (kind === "percent" ? (p.value[2] === 0 ? "" : (100 * p.value[2]).toFixed(0)) : (+p.value[2]).toFixed(2)),
    heat_tip: (rows, columns, rowName, columnName, valueName, kind, notes) => (p) =>
      `${escape(rowName)}: <b>${escape(rows[p.value[1]])}</b><br>${escape(columnName)}: <b>${escape(columns[p.value[0]])}</b><br>` +
      `${escape(valueName)}: <b>${format(kind, p.value[2])}</b>${notes[p.dataIndex] ? "<br>" + escape(notes[p.dataIndex]) : ""}`,
    point_tip: (xName, xKind, yName, yKind) => (p) =>
      `<b>${escape(p.name || p.seriesName)}</b> (${escape(p.seriesName)})<br>${escape(xName)}: ${format(xKind, p.value[0])}<br>` +
      `${escape(yName)}: ${format(yKind, p.value[1])}`,
    buffer_tip: (steps) => (p) => {
      const [first, last, low, high] = p.value;
      return `<b>${escape(p.name)}</b><br>${format("number", high - low)} bytes at ${format("number", low)}<br>` +
        `live from ${escape(steps[first] ?? first)} to ${escape(steps[last] ?? last)}`;
    },
    rectangle: () => (params, api) => {
      const half = api.size([1, 0])[0] / 2;
      const from = api.coord([api.value(0), api.value(3)]), to = api.coord([api.value(1), api.value(2)]);
      from[0] -= half;
      to[0] += half;
      const shape = {x: from[0] + 1, y: from[1] + 0.5, width: Math.max(1, to[0] - from[0] - 2), height: Math.max(1, to[1] - from[1] - 1)};
      const name = params.context.names[params.dataIndex];
      const fill = colour("--c" + (1 + (params.dataIndex % 8)));
      const children = [{type: "rect", shape, style: {fill, opacity: 0.35, stroke: fill, lineWidth: 1}}];
      if (shape.height > 13 && shape.width > 20) {
        children.push({type: "text", style: {text: name, x: shape.x + shape.width / 2, y: shape.y + shape.height / 2,
          align: "center", verticalAlign: "middle", fill: colour("--ink"), fontSize: 11, width: shape.width - 4, overflow: "truncate"}});
      }
      return {type: "group", children};
    },
    interval: (horizontal, index, count, grouped) => (params, api) => {
      const at = (v) => (horizontal ? api.coord([v, api.value(0)]) : api.coord([api.value(0), v]));
      const low = at(api.value(1)), high = at(api.value(2));
      const stroke = {stroke: colour("--ink"), lineWidth: 1.2};
      const cap = 4;
      if (grouped) {  // the middle of bar `index` of `count`: ECharts lays the bars out over 80 % of a category, 30 % of a bar apart
        const band = horizontal ? Math.abs(api.size([0, 1])[1]) : Math.abs(api.size([1, 0])[0]);
        const width = Math.min(36, (0.8 * band) / (count + 0.3 * (count - 1)));
        const shift = (index - (count - 1) / 2) * width * 1.3;
        low[horizontal ? 1 : 0] += shift;
        high[horizontal ? 1 : 0] += shift;
      }
      const line = (x1, y1, x2, y2) => ({type: "line", shape: {x1, y1, x2, y2}, style: stroke});
      const [a, b] = horizontal ? [0, cap] : [cap, 0];
      return {type: "group", children: [line(low[0], low[1], high[0], high[1]),
        line(low[0] - a, low[1] - b, low[0] + a, low[1] + b), line(high[0] - a, high[1] - b, high[0] + a, high[1] + b)]};
    },
  };

  const revive = (node) => {
    if (Array.isArray(node)) return node.map(revive);
    if (node === null || typeof node !== "object") return node;
    if (node.$fn) return makers[node.$fn](...node.args);
    return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, revive(value)]));
  };

  const theme = () => {
    const ink = colour("--ink"), soft = colour("--soft"), line = colour("--line");
    const axis = {axisLabel: {color: soft}, nameTextStyle: {color: soft}, axisLine: {lineStyle: {color: line}},
      axisTick: {lineStyle: {color: line}}, splitLine: {lineStyle: {color: line}}};
    return {color: [1, 2, 3, 4, 5, 6, 7, 8].map((i) => colour("--c" + i)), backgroundColor: "transparent",
      textStyle: {color: ink, fontFamily: "system-ui, sans-serif"}, legend: {textStyle: {color: ink}, pageTextStyle: {color: ink}},
      tooltip: {backgroundColor: colour("--paper"), borderColor: line, textStyle: {color: ink}},
      visualMap: {textStyle: {color: soft}}, valueAxis: axis, categoryAxis: axis, logAxis: axis};
  };

  const draw = (element, option) => {
    const ready = revive(option);
    ready.animation = false;
    if (ready.visualMap) ready.visualMap.inRange = {color: [0, 1, 2].map((i) => colour("--heat-" + i))};
    for (const series of ready.series) {
      if (series.type === "heatmap") {
        series.itemStyle = {borderColor: colour("--paper"), borderWidth: 1};
        const middle = (ready.visualMap.min + 2 * ready.visualMap.max) / 3;
        series.data = series.data.map((d) => ({value: d, label: {color: d[2] > middle ? colour("--paper") : colour("--ink")}}));
      }
      if (series.type === "custom") {
        const names = series.data.map((d) => d.name), inner = series.renderItem;
        series.renderItem = (params, api) => { params.context.names = names; return inner(params, api); };
      }
    }
    const old = echarts.getInstanceByDom(element);
    if (old) old.dispose();
    echarts.init(element, theme(), {renderer: "svg"}).setOption(ready);
  };

  const charts = JSON.parse(document.getElementById("charts")?.textContent || "{}");
  const redraw = () => {
    for (const element of document.querySelectorAll(".chart")) draw(element, charts[element.id]);
    document.documentElement.dataset.charts = String(Object.keys(charts).length);
  };
  redraw();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  for (const event of ["beforeprint", "afterprint"]) addEventListener(event, redraw);
  let waiting = 0;
  addEventListener("resize", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => document.querySelectorAll(".chart").forEach((e) => echarts.getInstanceByDom(e)?.resize()), 100);
  });

  const sortBy = (table, column, button) => {
    const head = button.closest("th"), up = head.getAttribute("aria-sort") !== "ascending";
    for (const th of table.tHead.rows[0].cells) th.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
    const key = (row) => row.cells[column].dataset.sort ?? row.cells[column].textContent;
    const rows = [...table.tBodies[0].rows].sort((a, b) => {
      const x = key(a), y = key(b), order = x === "" || y === "" || isNaN(x) || isNaN(y) ? x.localeCompare(y, "en") : x - y;
      return up ? order : -order;
    });
    table.tBodies[0].append(...rows);
  };
  for (const table of document.querySelectorAll("table.sortable")) {
    [...table.tHead.rows[0].cells].forEach((th, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...th.childNodes);
      th.append(button);
      button.addEventListener("click", () => sortBy(table, column, button));
    });
  }
  window.ditmos = {charts, draw, format, escape};
})();
