"use strict";
// Keeps a page of `ditmos serve` up to date: the list of runs, or the curves of a run that is still training.
(() => {
  const live = document.getElementById("live");
  const period = 2000;
  const say = (text) => { live.textContent = text; };

  const poll = async (address, update) => {
    try {
      const reply = await fetch(address, {cache: "no-store"});
      if (!reply.ok) throw new Error(reply.statusText);
      if (!update(await reply.json())) return;
      live.dataset.polls = String(1 + Number(live.dataset.polls || 0));
    } catch (error) {
      say("No answer from ditmos serve; trying again.");
    }
    setTimeout(poll, period, address, update);
  };

  const runs = ({count, html}) => {
    const list = document.getElementById("runs");
    if (list.dataset.html !== html) {
      const checked = new Set([...list.querySelectorAll("input:checked")].map((box) => box.value));
      const focused = document.activeElement?.value;
      list.innerHTML = html;
      list.dataset.html = html;
      for (const box of list.querySelectorAll("input")) {
        box.checked = checked.has(box.value);
        if (box.value === focused) box.focus();
      }
    }
    say(`${count} runs; this list follows the folder.`);
    return true;
  };

  let lines = Number(live.dataset.lines);
  const run = (answer) => {
    if (answer.lines !== lines || answer.state !== live.dataset.state) {
      if (Object.keys(answer.charts).join() !== Object.keys(ditmos.charts).join() || answer.state !== live.dataset.state) {
        location.reload();
        return false;
      }
      for (const [id, option] of Object.entries(answer.charts)) {
        if (JSON.stringify(option) === JSON.stringify(ditmos.charts[id])) continue;
        ditmos.charts[id] = option;
        ditmos.draw(document.getElementById(id), option);
      }
      lines = answer.lines;
      live.dataset.lines = String(lines);
    }
    say(`State: ${answer.state || "unknown"}, ${lines} epochs so far; the curves follow.`);
    return true;
  };

  poll(live.dataset.source, live.dataset.page === "runs" ? runs : run);
})();
