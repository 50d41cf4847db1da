import Navigo from "navigo";
import { showLinks, showPage } from "./naming.js";
import { names } from "./site.ts";

const nav = showLinks(names);
for (const link of nav.children) link.dataset.navigo = "";
new Navigo("/").on("/:name", ({ data }) => showPage(data.name)).resolve();
