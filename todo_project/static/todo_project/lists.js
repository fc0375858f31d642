"use strict";

// A list of the admin whose columns do not fit beside each other shows each row as a card, with its columns as lines.
const results = document.querySelector(".results");

function fit() {
  results.classList.remove("cards");
  results.classList.toggle("cards", results.scrollWidth > results.clientWidth);
}

if (results) {
  const names = [...results.querySelectorAll("thead th")].map(th => th.querySelector(".text")?.textContent.trim() ?? "");
  for (const row of results.querySelectorAll("tbody tr"))
    [...row.cells].forEach((cell, index) => cell.dataset.column = names[index]);
  // The frame keeps the browser from seeing a new size while it still tells the observer of the last one.
  new ResizeObserver(() => requestAnimationFrame(fit)).observe(document.querySelector("#changelist"));
  fit();
}
