// The Content-Security-Policy of the page forbids inline scripts, so this is a file.
const dark = matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", follow);
follow();

globalThis.SwaggerUIBundle({
  dom_id: "#page",
  url: "../openapi.json",
  deepLinking: true,
  displayRequestDuration: true,
});
