"use strict";
(() => {
  const hint = document.getElementById("hint");
  const told = document.querySelectorAll("[title]");
  for (const element of told) {
    element.dataset.why = element.title;
    element.setAttribute("aria-label", element.title);
    element.removeAttribute("title");
  }
  const fill = (text) => {
    hint.replaceChildren(...text.split("\n").map((line, place) => {
      const name = place === 0 ? "b" : "div";
      const element = document.createElement(name);
      element.textContent = line;
      if (line.startsWith("→")) element.className = "remedy";
      return element;
    }));
  };
  const put = (x, y) => {
    const { offsetWidth: width, offsetHeight: height } = hint;
    const left = Math.min(x + 14, innerWidth - width - 8);
    const below = y + 18 + height < innerHeight;
    hint.style.left = `${Math.max(8, left)}px`;
    hint.style.top = `${Math.max(8, below ? y + 18 : y - height - 12)}px`;
  };
  document.addEventListener("pointermove", (event) => {
    const element = event.target.closest?.("[data-why]");
    hint.hidden = !element;
    if (!element) return;
    if (hint.dataset.of !== element.dataset.why) {
      hint.dataset.of = element.dataset.why;
      fill(element.dataset.why);
    }
    put(event.clientX, event.clientY);
  });
  document.addEventListener("pointerleave", () => { hint.hidden = true; });

  const keys = [...document.querySelectorAll(".legend button")];
  let alone = null;
  const show = () => {
    for (const key of keys) key.setAttribute("aria-pressed", String(key.dataset.p === alone));
    for (const block of document.querySelectorAll(".stay")) {
      block.classList.toggle("dim", alone !== null && !block.classList.contains(alone));
    }
  };
  for (const key of keys) {
    key.addEventListener("click", () => {
      alone = alone === key.dataset.p ? null : key.dataset.p;
      show();
    });
  }

  const find = document.getElementById("find");
  find.addEventListener("input", () => {
    const wanted = find.value.trim().toLowerCase();
    for (const brand of document.querySelectorAll("tbody.shops")) {
      const whole = brand.dataset.find.toLowerCase().includes(wanted);
      let any = false;
      for (const row of brand.querySelectorAll("tr.shop")) {
        const fits = whole || row.dataset.find.toLowerCase().includes(wanted);
        row.hidden = !fits;
        any ||= fits;
      }
      brand.hidden = !any;
    }
  });
})();
