// Light and dark: as the system says, or as the button says; remembered where the browser lets a file remember.

const THEMES = { auto: "light dark", light: "light", dark: "dark" };

function setTheme(name) {
  document.documentElement.style.colorScheme = THEMES[name];
  const button = document.getElementById("theme");
  button.textContent = `Theme: ${name}`;
  button.dataset.theme = name;
}

function startTheme() {
  let kept = "auto";
  try { kept = localStorage.getItem("artvision-theme") ?? "auto"; } catch { /* a browser that keeps nothing for files */ }
  setTheme(kept in THEMES ? kept : "auto");
  document.getElementById("theme").addEventListener("click", (event) => {
    const names = Object.keys(THEMES);
    const name = names[(names.indexOf(event.target.dataset.theme) + 1) % names.length];
    setTheme(name);
    try { localStorage.setItem("artvision-theme", name); } catch { /* as above */ }
  });
}
